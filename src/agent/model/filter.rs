//! What leaves the machine: for a model elsewhere, texts without secrets and personal data (SE-01,
//! SE-06); for every model, without its own key.

use super::endpoint::Endpoint;
use crate::secret;

/// The beginning of what stands in place of something that was taken out.
pub const MARK: &str = "[redacted: ";

/// A filter for one model.
#[derive(Clone, Debug)]
pub struct Filter {
    endpoint: Endpoint,
    /// The number of passages that were taken out.
    pub count: usize,
}

impl Filter {
    /// A filter for a model at this place.
    pub fn new(endpoint: &Endpoint) -> Filter {
        Filter {
            endpoint: endpoint.clone(),
            count: 0,
        }
    }

    /// A text as the model may read it.
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

    /// A text for the log, where secrets are taken out later.
    pub fn told(&self, text: &str) -> String {
        self.endpoint.without_key(text)
    }
}
