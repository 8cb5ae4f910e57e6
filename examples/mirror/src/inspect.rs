//! Tells by its first bytes what a file is.

use tachograph::timed;

/// Names the kind of a file by its head.
///
/// # Panics
/// A bundle begins with `BNDL`, the length of its title and the title. The length is trusted, though it comes from
/// outside: this is the one bug that is kept here on purpose, since a real service has one too. It shows how a panic
/// in a worker is counted and logged, and that it costs one job.
#[timed(component = "worker")]
pub(crate) fn inspect(head: &[u8]) -> String {
    match head {
        [0x1f, 0x8b, ..] => "gzip".to_owned(),
        [0x89, b'P', b'N', b'G', ..] => "png".to_owned(),
        [b'B', b'N', b'D', b'L', length, rest @ ..] => {
            let title = &rest[..usize::from(*length)];
            format!("bundle {}", String::from_utf8_lossy(title))
        }
        text if text.is_ascii() => "text".to_owned(),
        _ => "binary".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_the_first_bytes() {
        assert_eq!(inspect(b"\x1f\x8b\x08"), "gzip");
        assert_eq!(inspect(b"\x89PNG\r\n"), "png");
        assert_eq!(inspect(b"BNDL\x03abcd"), "bundle abc");
        assert_eq!(inspect(b"plain words"), "text");
        assert_eq!(inspect(b"\xff\xfe"), "binary");
    }
}
