//! Methods as labels.

use http::Method;

pub(super) use crate::names::HTTP_METHODS as METHODS;

/// The place of a method among them.
pub(super) fn index_of(method: &Method) -> usize {
    METHODS.iter().position(|known| *known == method.as_str()).unwrap_or(METHODS.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_nobody_knows_has_the_name_of_all_such() {
        let label = |method: &[u8]| METHODS[index_of(&Method::from_bytes(method).unwrap())];
        assert_eq!((label(b"GET"), label(b"PATCH")), ("GET", "PATCH"));
        assert_eq!((label(b"get"), label(b"BREW"), label(b"_OTHER")), ("_OTHER", "_OTHER", "_OTHER"));
    }
}
