//! Text as it stands between the quotes of a JSON string.
//!
//! Beyond what JSON demands (RFC 8259, section 7), everything is escaped that could make one record look like two, or
//! like another, in a terminal, a pager or a browser: DEL, the C1 controls, the line separators and the controls of
//! writing direction.

use std::fmt;

/// Appends `text` while `out` stays within `limit` bytes. False where it had to be cut, between two characters.
pub(super) fn escape(out: &mut Vec<u8>, text: &str, limit: usize) -> bool {
    let mut rest = text;
    loop {
        let plain = plain_length(rest.as_bytes());
        let room = limit.saturating_sub(out.len());
        if plain > room {
            out.extend_from_slice(&rest.as_bytes()[..rest.floor_char_boundary(room)]);
            return false;
        }
        out.extend_from_slice(&rest.as_bytes()[..plain]);
        // What ends the run is the first byte of a character.
        let mut characters = rest[plain..].chars();
        let Some(character) = characters.next() else { return true };
        if !escape_character(out, character, limit) {
            return false;
        }
        rest = characters.as_str();
    }
}

/// How many bytes at the front can be copied as they are.
fn plain_length(bytes: &[u8]) -> usize {
    // Sixteen at a time and without a branch inside, which the compiler turns into vector instructions.
    let (chunks, _) = bytes.as_chunks::<16>();
    let plain = |chunk: &&[u8; 16]| !chunk.iter().fold(false, |special, byte| special | is_special(*byte));
    let length = 16 * chunks.iter().take_while(plain).count();
    length + bytes[length..].iter().take_while(|byte| !SPECIAL[**byte as usize]).count()
}

/// What needs an escape, and the first bytes of the characters beyond ASCII that may.
const fn is_special(byte: u8) -> bool {
    (byte < 0x20)
        | (byte == b'"')
        | (byte == b'\\')
        | (byte == 0x7f)
        // U+0080 to U+00BF, U+0600 to U+063F, U+2000 to U+2FFF, U+F000 to U+FFFF.
        | (byte == 0xc2)
        | (byte == 0xd8)
        | (byte == 0xe2)
        | (byte == 0xef)
}

const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        special[byte] = is_special(byte as u8);
        byte += 1;
    }
    special
};

fn escape_character(out: &mut Vec<u8>, character: char, limit: usize) -> bool {
    let mut buffer = [0; 6];
    let escaped: &[u8] = match character {
        '"' => br#"\""#,
        '\\' => br"\\",
        '\n' => br"\n",
        '\r' => br"\r",
        '\t' => br"\t",
        control if is_control(control) => {
            buffer = unicode_escape(control);
            &buffer
        }
        printable => printable.encode_utf8(&mut buffer).as_bytes(),
    };
    let fits = out.len() + escaped.len() <= limit;
    if fits {
        out.extend_from_slice(escaped);
    }
    fits
}

/// What acts on a display instead of standing on it. All of these lie in the basic plane.
const fn is_control(character: char) -> bool {
    matches!(character,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

const fn unicode_escape(character: char) -> [u8; 6] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let code = character as usize;
    [b'\\', b'u', HEX[code >> 12 & 15], HEX[code >> 8 & 15], HEX[code >> 4 & 15], HEX[code & 15]]
}

/// Takes formatted text. What comes after a cut is swallowed, since an error would panic in a careless `Display`.
pub(super) struct Escaping<'a> {
    out: &'a mut Vec<u8>,
    limit: usize,
    complete: bool,
}

impl<'a> Escaping<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>, limit: usize) -> Self {
        Self { out, limit, complete: true }
    }

    /// Appends what `arguments` print; false where it had to be cut.
    pub(super) fn print(mut self, arguments: fmt::Arguments<'_>) -> bool {
        // Only the value's own `Display` can fail: what it printed before is kept.
        let _ = fmt::write(&mut self, arguments);
        self.complete
    }
}

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.complete = self.complete && escape(self.out, text, self.limit);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        assert!(escape(&mut out, text, usize::MAX));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_character_round_trips_and_no_control_stands_raw() {
        for character in (char::MIN..='\u{ffff}').chain(['\u{10000}', '🦀', char::MAX]) {
            let text = escaped(&format!("before {character} after, past one chunk"));
            assert!(!text.chars().any(is_control), "{:?}", character);
            let parsed: String = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            assert_eq!(parsed, format!("before {character} after, past one chunk"));
        }
    }

    #[test]
    fn escapes_are_the_short_ones_where_json_has_them() {
        assert_eq!(
            escaped("a\"b\\c\nd\re\tf\u{1b}\u{7f}\u{85}\u{202e}é漢🦀"),
            r#"a\"b\\c\nd\re\tf\u001b\u007f\u0085\u202eé漢🦀"#
        );
    }

    #[test]
    fn a_cut_falls_between_characters_and_within_the_limit() {
        let text = "aé\n漢\u{1b}\"🦀 and some more plain text".repeat(3);
        for limit in 0..text.len() {
            let mut out = Vec::new();
            assert!(!escape(&mut out, &text, limit));
            assert!(out.len() <= limit);
            let cut: String =
                serde_json::from_str(&format!("\"{}\"", str::from_utf8(&out).unwrap())).unwrap();
            assert!(text.starts_with(&cut));
        }
    }

    #[test]
    fn formatting_goes_on_quietly_after_a_cut() {
        let mut out = Vec::new();
        assert!(!Escaping::new(&mut out, 4).print(format_args!("{}-{}", "abc", "def")));
        assert_eq!(out, b"abc-");
    }
}
