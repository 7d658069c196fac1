//! How random a text looks, in bits per character; each rule has a threshold of its own.

/// The Shannon entropy of a text's bytes, in bits per byte: 0 for one repeated letter, about 3 for
/// words, above 3.5 for generated keys of at least 20 characters.
pub fn bits_per_char(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total = text.len() as f64;
    counts
        .iter()
        .filter(|n| **n > 0)
        .map(|n| f64::from(*n) / total)
        .map(|p| -p * p.log2())
        .sum()
}
