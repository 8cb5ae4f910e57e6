//! What a statement does, by its first word.

/// Those that are known by name, and one for all others: nothing else of a statement gets into a label.
pub(super) const KEYWORDS: [&str; 32] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "WITH",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT",
    "RELEASE",
    "CREATE",
    "ALTER",
    "DROP",
    "TRUNCATE",
    "MERGE",
    "REPLACE",
    "VALUES",
    "COPY",
    "CALL",
    "LOCK",
    "SET",
    "SHOW",
    "EXPLAIN",
    "PRAGMA",
    "PREPARE",
    "EXECUTE",
    "LISTEN",
    "NOTIFY",
    "ANALYZE",
    "VACUUM",
    "REFRESH",
    "_OTHER",
];

/// The longest of them.
const MAX_LENGTH: usize = 9;

/// A keyword, by its place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keyword(usize);

impl Keyword {
    pub(super) const BEGIN: Self = Self::named("BEGIN");
    pub(super) const COMMIT: Self = Self::named("COMMIT");
    pub(super) const ROLLBACK: Self = Self::named("ROLLBACK");
    pub(super) const SAVEPOINT: Self = Self::named("SAVEPOINT");
    pub(super) const RELEASE: Self = Self::named("RELEASE");
    pub(super) const PREPARE: Self = Self::named("PREPARE");
    /// Those that every program has.
    pub(super) const USUAL: [Self; 4] =
        [Self::named("SELECT"), Self::named("INSERT"), Self::named("UPDATE"), Self::named("DELETE")];

    /// The first word of a statement, behind space, comments and parentheses.
    pub(super) fn of(sql: &str) -> Self {
        let sql = behind_comments(sql);
        let end = sql.bytes().take(MAX_LENGTH + 1).take_while(u8::is_ascii_alphanumeric).count();
        let word = sql.get(..end).unwrap_or_default();
        let known = KEYWORDS.iter().position(|known| known.eq_ignore_ascii_case(word));
        Self(known.unwrap_or(KEYWORDS.len() - 1))
    }

    pub(super) const fn index(self) -> usize {
        self.0
    }

    pub(super) const fn as_str(self) -> &'static str {
        KEYWORDS[self.0]
    }

    /// For constants: what is none does not compile.
    const fn named(name: &str) -> Self {
        let mut index = 0;
        while !is_equal(KEYWORDS[index].as_bytes(), name.as_bytes()) {
            index += 1;
        }
        Self(index)
    }
}

const fn is_equal(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// What comes after space, comments of both kinds, and parentheses.
fn behind_comments(mut sql: &str) -> &str {
    loop {
        sql = sql.trim_start_matches(|character: char| character.is_whitespace() || "(;".contains(character));
        let rest = if let Some(comment) = sql.strip_prefix("--") {
            comment.split_once('\n').map(|(_, rest)| rest)
        } else if let Some(comment) = sql.strip_prefix("/*") {
            behind_block(comment)
        } else {
            return sql;
        };
        let Some(rest) = rest else { return "" };
        sql = rest;
    }
}

/// What comes after a comment that has begun. PostgreSQL's comments nest.
fn behind_block(comment: &str) -> Option<&str> {
    let (mut depth, mut at, bytes) = (1, 0, comment.as_bytes());
    while depth > 0 {
        match bytes.get(at..at + 2)? {
            b"*/" => depth -= 1,
            b"/*" => depth += 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
    }
    comment.get(at..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_the_operation() {
        for (sql, keyword) in [
            ("SELECT 1", "SELECT"),
            ("  \n\tselect*from files", "SELECT"),
            ("insert into files values (1)", "INSERT"),
            ("((SELECT 1) UNION (SELECT 2))", "SELECT"),
            ("-- who: DELETE\n-- why\r\nUpdate files", "UPDATE"),
            ("/* a /* nested */ comment */ DELETE FROM files", "DELETE"),
            ("/**//***/ WITH a AS (SELECT 1) SELECT 2", "WITH"),
            ("; COMMIT;", "COMMIT"),
            ("begin", "BEGIN"),
            ("SAVEPOINT a", "SAVEPOINT"),
        ] {
            assert_eq!(Keyword::of(sql).as_str(), keyword, "{sql}");
        }
    }

    #[test]
    fn nothing_else_of_a_statement_is_one() {
        for sql in [
            "",
            "   ",
            "--",
            "/*",
            "/* */",
            "/*/",
            "'secret'",
            "SELECTED",
            "selec",
            "é",
            "_OTHER",
            "DROPé",
            "SAVEPOINTS",
        ] {
            let keyword = Keyword::of(sql).as_str();
            assert!(keyword == "_OTHER" || (sql, keyword) == ("DROPé", "DROP"), "{sql} is {keyword}");
        }
        assert_eq!(Keyword::of(&"(".repeat(100_000)).as_str(), "_OTHER");
        assert_eq!(Keyword::of(&"/*".repeat(100_000)).as_str(), "_OTHER");
    }

    #[test]
    fn constants_are_what_they_are_called() {
        assert_eq!(Keyword::BEGIN.as_str(), "BEGIN");
        assert_eq!(Keyword::PREPARE.as_str(), "PREPARE");
        assert_eq!(KEYWORDS.iter().map(|keyword| keyword.len()).max(), Some(MAX_LENGTH));
    }
}
