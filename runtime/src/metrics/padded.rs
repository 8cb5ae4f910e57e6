//! A text that many lines of the page have in common.
//!
//! To copy as many bytes as a variable says is a call, which takes longer than the bytes of half a line. Here a text is copied
//! in chunks of one length, and what is too much is cut off again.

const CHUNK: usize = 32;

#[derive(Debug, Default)]
pub(super) struct Padded {
    /// A multiple of the chunk.
    bytes: Vec<u8>,
    length: usize,
}

impl Padded {
    pub(super) const fn new() -> Self {
        Self { bytes: Vec::new(), length: 0 }
    }

    /// Takes another text, given in parts, in place of the one before.
    pub(super) fn set(&mut self, parts: &[&str]) {
        self.bytes.clear();
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part.as_bytes()));
        self.length = self.bytes.len();
        self.bytes.resize(self.length.next_multiple_of(CHUNK), 0);
    }

    pub(super) const fn len(&self) -> usize {
        self.length
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.length;
        let (chunks, _) = self.bytes.as_chunks::<CHUNK>();
        chunks.iter().for_each(|chunk| out.extend_from_slice(chunk));
        out.truncate(end);
    }
}

impl From<&str> for Padded {
    fn from(text: &str) -> Self {
        let mut padded = Self::new();
        padded.set(&[text]);
        padded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_any_length_is_written_behind_what_is_there() {
        let mut padded = Padded::new();
        for length in (0..200).chain([0, 31, 32, 33]) {
            let text = "abcdefghijklmnopqrstuvwxyz".repeat(8)[..length].to_owned();
            padded.set(&<[&str; 2]>::from(text.split_at(length / 3)));
            let mut out = b"before ".to_vec();
            padded.write(&mut out);
            padded.write(&mut out);
            assert_eq!(out, format!("before {text}{text}").as_bytes());
            assert_eq!(padded.len(), length);
        }
    }
}
