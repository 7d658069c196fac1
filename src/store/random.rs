//! Randomness from the system.

use crate::error::{Error, Result};

/// Random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(|e| {
        Error::state(format!(
            "cannot get random bytes from the operating system: {e}"
        ))
    })?;
    Ok(bytes)
}

/// A part of a unique name.
pub fn name() -> Result<String> {
    Ok(format!("{:x}", u64::from_ne_bytes(bytes()?)))
}
