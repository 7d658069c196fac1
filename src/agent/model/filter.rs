//! Redaction of what leaves the machine: texts for a remote model contain no secrets or personal
//! data (SE-01, SE-06); texts for any model do not contain its key.

use super::endpoint::Endpoint;
use crate::secret;

/// The beginning of the placeholder for a redacted passage.
pub const MARK: &str = "[redacted: ";

/// A filter for one model.
#[derive(Clone, Debug)]
pub struct Filter {
    endpoint: Endpoint,
    /// The number of redacted passages.
    pub count: usize,
}

impl Filter {
    /// A filter for the model at this endpoint.
    pub fn new(endpoint: &Endpoint) -> Filter {
        Filter {
            endpoint: endpoint.clone(),
            count: 0,
        }
    }

    /// The text with everything redacted that the model must not read.
    pub fn outgoing(&mut self, text: &str) -> String {
        let text = self.endpoint.without_key(text);
        if self.endpoint.is_local {
            return text;
        }
        let (text, secrets) = secret::redacted(&text);
        let (text, personal) = secret::without_personal(&text);
        self.count += secrets.len() + personal.len();
        text
    }

    /// The text for the log, from which secrets are redacted later.
    pub fn told(&self, text: &str) -> String {
        self.endpoint.without_key(text)
    }
}
