//! The text of a request, such as a comment: an argument, a file, or standard input.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::ShellInput;

/// The text of a request.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct TextArgument {
    /// Text in Markdown.
    #[arg(default_value = "", hide_default_value = true)]
    pub text: String,
    /// Text, as in `git commit -m`.
    #[arg(short, long, value_name = "TEXT", conflicts_with = "text")]
    #[serde(skip)]
    pub message: Option<String>,
    /// File with the text; `-` reads standard input.
    #[arg(short, long, conflicts_with_all = ["text", "message"])]
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

impl TextArgument {
    /// The arguments that only a shell has.
    pub(super) const ONLY_TYPED: [&'static str; 2] = ["message", "file"];

    /// What a shell may read from standard input or a file.
    pub(super) fn shell_input(&mut self) -> ShellInput<'_> {
        if let Some(message) = self.message.take() {
            self.text = message;
        }
        ShellInput {
            file: self.file.take(),
            ..ShellInput::text(Some(&mut self.text))
        }
    }
}

impl From<String> for TextArgument {
    fn from(text: String) -> TextArgument {
        TextArgument {
            text,
            ..TextArgument::default()
        }
    }
}
