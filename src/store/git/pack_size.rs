//! How much a pack holds once it is unpacked.
//!
//! A megabyte can become gigabytes, and git reads a commit, a tree and a tag as a whole.

use crate::model::limits::{PACK_CONTENT_MAX, PACK_OBJECT_MAX};

use gix::odb::pack::data::Entry;
use gix::odb::pack::data::entry::Header;
use gix::zlib::{Decompress, FlushDecompress, Status};

/// The bytes before the first object: `PACK`, a version and the number of objects.
const BEGIN: usize = 12;

/// The number of objects of a pack without deltas, whose headers thus say how large they become.
///
/// # Errors
/// When it is no such pack, or when they become too large; what is wrong with it.
pub fn bounded(pack: &[u8]) -> Result<u32, String> {
    let damaged = || "their pack is damaged".to_string();
    let count = pack.get(8..BEGIN).and_then(|bytes| bytes.try_into().ok());
    let count = u32::from_be_bytes(count.ok_or_else(damaged)?);
    let (mut rest, mut all) = (&pack[BEGIN..], 0u64);
    let mut inflate = Decompress::new();
    for _ in 0..count {
        // Without deltas, the kind of hash does not matter.
        let entry = Entry::from_bytes(rest, 0, gix::hash::Kind::Sha1).map_err(|_| damaged())?;
        let size = entry.decompressed_size;
        let (kind, most) = match entry.header {
            Header::Blob => ("a file", PACK_CONTENT_MAX),
            Header::Commit => ("a commit", PACK_OBJECT_MAX),
            Header::Tree => ("a folder", PACK_OBJECT_MAX),
            Header::Tag => ("a tag", PACK_OBJECT_MAX),
            Header::OfsDelta { .. } | Header::RefDelta { .. } => return Err(damaged()),
        };
        all = all.saturating_add(size);
        if size > most || all > PACK_CONTENT_MAX {
            return Err(format!(
                "{kind} among them has {size} bytes; the maximum is {most}, and {PACK_CONTENT_MAX} together"
            ));
        }
        let data = rest.get(entry.header_size()..).ok_or_else(damaged)?;
        let end = inflated(&mut inflate, data, size).ok_or_else(damaged)?;
        rest = &data[end..];
    }
    Ok(count)
}

/// The length of the compressed form of exactly `size` bytes at the beginning of `data`.
fn inflated(inflate: &mut Decompress, data: &[u8], size: u64) -> Option<usize> {
    inflate.reset();
    let mut out = [0; 1 << 14];
    loop {
        let rest = data.get(usize::try_from(inflate.total_in()).ok()?..)?;
        match inflate.decompress(rest, &mut out, FlushDecompress::None) {
            Ok(Status::Ok) if inflate.total_out() <= size => {}
            Ok(Status::StreamEnd) if inflate.total_out() == size => {
                return usize::try_from(inflate.total_in()).ok();
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use gix::zlib::stream::deflate::Write;

    use super::*;

    /// A pack with one object of a kind that says to have this size.
    fn pack(kind: u8, mut size: u64, content: &[u8]) -> Vec<u8> {
        let mut pack = b"PACK\0\0\0\x02\0\0\0\x01".to_vec();
        let more = |left: u64| if left > 0 { 0x80 } else { 0 };
        pack.push(kind << 4 | (size & 15) as u8 | more(size >> 4));
        size >>= 4;
        while size > 0 {
            pack.push((size & 127) as u8 | more(size >> 7));
            size >>= 7;
        }
        let mut deflate = Write::new(pack, gix::zlib::Compression::BEST_SPEED);
        deflate.write_all(content).unwrap();
        deflate.flush().unwrap();
        deflate.into_inner()
    }

    #[test]
    fn only_what_stays_within_its_bounds_is_counted() {
        let (commit, blob, delta) = (1, 3, 6);
        let text = vec![b'a'; 100_000];
        assert_eq!(bounded(&pack(blob, 100_000, &text)), Ok(1));
        assert_eq!(bounded(&pack(commit, 100_000, &text)), Ok(1));
        assert_eq!(bounded(&pack(blob, 0, &[])), Ok(1));
        let refused = |pack: Vec<u8>| bounded(&pack).unwrap_err();
        assert!(refused(pack(commit, PACK_OBJECT_MAX + 1, &text)).contains("a commit among them"));
        assert!(refused(pack(blob, PACK_CONTENT_MAX + 1, &text)).contains("a file among them"));
        for size in [99_999, 100_001] {
            assert!(refused(pack(blob, size, &text)).contains("damaged"));
        }
        assert!(refused(pack(delta, 100_000, &text)).contains("damaged"));
        let whole = pack(blob, 100_000, &text);
        for end in [0, 11, 12, 14, whole.len() - 1] {
            assert!(refused(whole[..end].to_vec()).contains("damaged"), "{end}");
        }
    }
}
