//! Commands as they are sent: `*2\r\n$3\r\nGET\r\n$4\r\nkey1\r\n`.

/// The names of packed commands, as far as they are well formed.
pub(super) fn names(packed: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = packed;
    std::iter::from_fn(move || {
        let (name, behind) = command(rest)?;
        rest = behind;
        Some(name)
    })
}

/// The name of the first command, and what stands behind that command.
fn command(packed: &[u8]) -> Option<(&[u8], &[u8])> {
    let (arguments, rest) = number(packed, b'*')?;
    let (name, mut rest) = argument(rest)?;
    for _ in 1..arguments {
        (_, rest) = argument(rest)?;
    }
    Some((name, rest))
}

fn argument(packed: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(packed, b'$')?;
    let (argument, rest) = rest.split_at_checked(length)?;
    Some((argument, rest.strip_prefix(b"\r\n")?))
}

fn number(packed: &[u8], sign: u8) -> Option<(usize, &[u8])> {
    let rest = packed.strip_prefix(&[sign])?;
    let digits = rest.iter().position(|byte| *byte == b'\r')?;
    let (digits, rest) = rest.split_at(digits);
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, rest.strip_prefix(b"\r\n")?))
}

#[cfg(test)]
mod tests {
    use redis::{cmd, pipe};

    use super::*;

    fn named(packed: &[u8]) -> Vec<String> {
        names(packed).map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }

    #[test]
    fn the_names_of_commands_are_read_whatever_their_arguments_are() {
        assert_eq!(named(&cmd("PING").get_packed_command()), ["PING"]);
        assert_eq!(named(&cmd("SET").arg("*1\r\n$3\r\nGET\r\n").arg("").get_packed_command()), ["SET"]);
        let mut several = pipe();
        several.atomic().cmd("GET").arg(b"\xff\0").cmd("DEL").arg(1);
        assert_eq!(named(&several.get_packed_pipeline()), ["MULTI", "GET", "DEL", "EXEC"]);
    }

    #[test]
    fn what_is_cut_off_or_no_command_has_no_name() {
        let whole = cmd("GET").arg("key").get_packed_command();
        for length in 0..whole.len() {
            assert_eq!(names(&whole[..length]).count(), 0, "{length}");
        }
        let hostile: [&[u8]; 6] = [
            b"GET key\r\n",
            b"*-1\r\n",
            b"*99999999999999999999\r\n",
            b"*1\r\n$18446744073709551615\r\nGET\r\n",
            b"*1\r\n$4\r\nGET\r\n",
            b"*0\r\n",
        ];
        for packed in hostile {
            assert_eq!(names(packed).count(), 0, "{packed:?}");
        }
    }
}
