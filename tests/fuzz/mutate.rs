//! The source of inputs: a small generator of random numbers, and mutations of lines, numbers and
//! the tokens of a target.

/// SplitMix64 (Steele, Lea, Flood, 2014), which is enough for fuzzing.
#[derive(Clone)]
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, or 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }

    pub fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// The maximum length of inputs.
const MAX_BYTES: usize = 32 * 1024;

/// Numbers at which programs often fail.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "00",
    "7",
    "255",
    "4294967295",
    "4294967296",
    "4102444800000",
    "4102444800001",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999999999999",
    "1e999",
    "0x7f",
];

/// A mutation of `base`, with pieces of `other` and of the target's tokens.
pub fn mutate(rng: &mut Rng, base: &[u8], other: &[u8], tokens: &[&str]) -> Vec<u8> {
    let mut out = base.to_vec();
    for _ in 0..=rng.below(4) {
        step(rng, &mut out, other, tokens);
        out.truncate(MAX_BYTES);
    }
    out
}

fn step(rng: &mut Rng, out: &mut Vec<u8>, other: &[u8], tokens: &[&str]) {
    let at = rng.below(out.len() + 1);
    let end = (at + rng.below(40)).min(out.len());
    match rng.below(16) {
        0 if at < out.len() => out[at] ^= 1 << rng.below(8),
        1 if at < out.len() => out[at] = rng.next() as u8,
        2..=4 => drop(out.splice(at..at, rng.pick(tokens).bytes())),
        5 => drop(out.splice(at..end, rng.pick(tokens).bytes())),
        6 => drop(out.drain(at..end)),
        7 => out.truncate(at),
        8 => {
            let piece = out[at..end].to_vec();
            let times = 1 << rng.below(11);
            out.splice(at..at, piece.repeat(times).into_iter().take(MAX_BYTES));
        }
        9 => {
            // The beginning of one, the end of another.
            out.truncate(at);
            out.extend_from_slice(&other[rng.below(other.len() + 1)..]);
        }
        10 => {
            let from = rng.below(other.len() + 1);
            let to = (from + rng.below(400)).min(other.len());
            out.splice(at..at, other[from..to].iter().copied());
        }
        11 => {
            let number = out[at..]
                .iter()
                .position(u8::is_ascii_digit)
                .map(|n| at + n);
            let from = number.unwrap_or(at);
            let digits = out[from..]
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .count();
            out.splice(from..from + digits, rng.pick(NUMBERS).bytes());
        }
        // A line duplicated, moved, deleted, or from another input.
        what => {
            let (from, to) = line(out, at);
            let mut moved = out[from..to].to_vec();
            if what != 12 {
                out.drain(from..to);
            }
            if what == 15 {
                let (from, to) = line(other, rng.below(other.len() + 1));
                moved = other[from..to].to_vec();
            }
            if what != 14 {
                let (from, _) = line(out, rng.below(out.len() + 1));
                out.splice(from..from, moved);
            }
        }
    }
}

/// The line around a byte, with its end.
fn line(bytes: &[u8], at: usize) -> (usize, usize) {
    let from = bytes[..at]
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |n| n + 1);
    let to = bytes[at..]
        .iter()
        .position(|b| *b == b'\n')
        .map_or(bytes.len(), |n| at + n + 1);
    (from, to)
}
