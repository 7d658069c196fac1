//! `git pm install`: instructions, hooks and slash commands for agents, and a program called bd.

mod agents;
mod bd;
mod bd_words;
mod cookbook;
mod hooks;
mod slash;
