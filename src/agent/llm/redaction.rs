//! What is redacted in texts for a model: secrets, personal data, its key.
//!
//! Texts for a remote model contain no secrets or personal data (SE-01, SE-06); texts for any model
//! do not contain its key.

use super::endpoint::Endpoint;
use crate::secret;

/// The beginning of the placeholder for a redacted passage.
pub const MARK: &str = "[redacted: ";

impl Endpoint {
    /// The text with everything redacted that the model must not read, and the number of passages.
    pub fn outgoing(&self, text: &str) -> (String, usize) {
        let text = self.without_key(text);
        if self.is_local {
            return (text, 0);
        }
        let (text, secrets) = secret::redacted(&text);
        let (text, personal) = secret::without_personal(&text);
        (text, secrets.len() + personal.len())
    }
}
