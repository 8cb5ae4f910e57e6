//! Reads back what `encode` wrote, by its shape alone: nothing is parsed or copied.

/// The inside of an encoded string.
pub(super) fn string(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// Quotes and backslashes as they were; all other escapes stay as they are, and visible.
pub(super) fn unescape(out: &mut Vec<u8>, escaped: &[u8]) {
    let mut bytes = escaped.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let literal = (byte == b'\\').then(|| bytes.next_if(|next| matches!(next, b'"' | b'\\'))).flatten();
        out.push(literal.unwrap_or(byte));
    }
}

/// The members of an object as this crate encodes it: names without, values with their quotes.
pub(super) fn members(object: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    members_within(object.strip_prefix(b"{").unwrap_or_default())
}

/// The same of the inside of an object, whether it is closed or not.
pub(super) fn members_within(mut rest: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let (name, after) = rest.split_at_checked(value_length(rest))?;
        let value = after.strip_prefix(b":")?;
        let (value, after) = value.split_at_checked(value_length(value))?;
        rest = after.get(1..).unwrap_or_default();
        Some((string(name)?, value))
    })
}

/// How long the value at the front is: up to the comma, colon or bracket that is neither in a string nor inside it.
fn value_length(json: &[u8]) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0_u32, false, false);
    let ends = |byte: &u8| {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            return false;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b',' | b':' | b'}' | b']' => return depth == 0,
            _ => {}
        }
        false
    };
    json.iter().position(ends).unwrap_or(json.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(object: &str, expected: &[(&str, &str)]) {
        let found: Vec<_> = members(object.as_bytes())
            .map(|pair| (str::from_utf8(pair.0).unwrap(), str::from_utf8(pair.1).unwrap()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn members_are_found_whatever_their_values_hold() {
        check("{}", &[]);
        check(
            r#"{"a":1,"b,":"}{,:","c":{"a":[1,{"x":"]"}]},"\"\\":"\\","":[],"z":null}"#,
            &[
                ("a", "1"),
                ("b,", r#""}{,:""#),
                ("c", r#"{"a":[1,{"x":"]"}]}"#),
                (r#"\"\\"#, r#""\\""#),
                ("", "[]"),
                ("z", "null"),
            ],
        );
    }

    #[test]
    fn quotes_and_backslashes_are_unescaped_and_controls_are_not() {
        let mut out = Vec::new();
        unescape(&mut out, br#"a\"b\\n\n\u001b\"#);
        assert_eq!(out, br#"a"b\n\n\u001b\"#);
    }
}
