//! Records in a row of the index as their JSON.
//!
//! They leave out what they do not have. The form of a row names no field, so that what is left out there
//! could not be read again, and each write of such an item would build the whole index again.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes a record: for people as it is, else as its JSON.
///
/// # Errors
/// Those of the form.
pub fn serialize<T: Serialize, S: Serializer>(
    record: &Option<Box<T>>,
    to: S,
) -> Result<S::Ok, S::Error> {
    if to.is_human_readable() {
        return record.serialize(to);
    }
    let text = record.as_ref().map(serde_json::to_string).transpose();
    let text = text.map_err(<S::Error as serde::ser::Error>::custom)?;
    text.serialize(to)
}

/// Reads what [`serialize`] wrote.
///
/// # Errors
/// Those of the form, and if the text is none of such a record.
pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Box<T>>, D::Error> {
    if from.is_human_readable() {
        return Option::deserialize(from);
    }
    let text: Option<String> = Option::deserialize(from)?;
    let record = text.map(|text| serde_json::from_str(&text)).transpose();
    record.map_err(<D::Error as serde::de::Error>::custom)
}
