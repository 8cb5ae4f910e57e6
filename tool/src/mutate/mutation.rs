//! The small mistakes that could be made in an expression.

use std::ops::Range;

use crate::promql::duration::{milliseconds, spelled};
use crate::promql::token::{Kind, Token, tokens};

/// Another text for a part of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mutation {
    pub(crate) at: Range<usize>,
    pub(crate) to: String,
}

impl Mutation {
    /// The expression with it.
    pub(crate) fn applied(&self, expression: &str) -> String {
        [&expression[..self.at.start], &self.to, &expression[self.at.end..]].concat()
    }
}

/// All that can be made in an expression.
pub(crate) fn mutations(expression: &str) -> Vec<Mutation> {
    let text = Text { expression, tokens: tokens(expression) };
    let of_token = (0..text.tokens.len()).flat_map(|position| text.replaced(position));
    let mut all: Vec<_> = of_token
        .chain(text.without_matchers())
        .chain(text.without_labels())
        .chain(text.without_operands())
        .collect();
    all.sort_by_key(|mutation| mutation.at.start);
    all
}

/// What stands in the place of a sign or a function.
fn alternatives(text: &str) -> &'static [&'static str] {
    match text {
        ">" => &[">=", "<"],
        ">=" => &[">", "<"],
        "<" => &["<=", ">"],
        "<=" => &["<", ">"],
        "==" => &["!="],
        "!=" => &["=="],
        "+" | "%" => &["-"],
        "-" => &["+"],
        "*" => &["/"],
        "/" | "^" => &["*"],
        "and" => &["or", "unless"],
        "or" | "unless" => &["and"],
        "rate" => &["increase"],
        "increase" => &["rate"],
        "avg_over_time" => &["max_over_time", "min_over_time"],
        "max_over_time" | "sum_over_time" => &["avg_over_time", "min_over_time"],
        "min_over_time" => &["avg_over_time", "max_over_time"],
        "sum" | "avg" | "min" => &["max"],
        "max" => &["min"],
        "count" => &["sum"],
        _ => &[],
    }
}

/// The opposite of a matcher.
fn negated(sign: &str) -> Option<&'static str> {
    Some(match sign {
        "=" => "!=",
        "!=" => "=",
        "=~" => "!~",
        "!~" => "=~",
        _ => return None,
    })
}

struct Text<'a> {
    expression: &'a str,
    tokens: Vec<Token>,
}

impl Text<'_> {
    fn is(&self, position: usize, text: &str) -> bool {
        self.tokens
            .get(position)
            .is_some_and(|token| token.kind != Kind::Text && token.of(self.expression) == text)
    }

    fn replaced(&self, position: usize) -> Vec<Mutation> {
        let token = &self.tokens[position];
        let text = token.of(self.expression);
        let to: Vec<String> = match token.kind {
            Kind::Text => Vec::new(),
            Kind::Number => of_number(text),
            Kind::Duration => of_duration(text),
            _ if token.is_in_braces => negated(text).map(str::to_owned).into_iter().collect(),
            Kind::Sign if self.is_unary(position) => Vec::new(),
            _ => alternatives(text).iter().map(|it| (*it).to_owned()).collect(),
        };
        to.into_iter().map(|to| Mutation { at: token.at.clone(), to }).collect()
    }

    /// Whether a sign stands before its only operand.
    fn is_unary(&self, position: usize) -> bool {
        let Some(before) = position.checked_sub(1).map(|before| &self.tokens[before]) else { return true };
        before.kind == Kind::Sign && !matches!(before.of(self.expression), ")" | "]" | "}")
    }

    /// Selectors with a matcher less.
    fn without_matchers(&self) -> Vec<Mutation> {
        let openings = (0..self.tokens.len()).filter(|position| self.is(*position, "{"));
        openings.flat_map(|opening| self.without_items(opening)).collect()
    }

    /// Lists of labels with one less.
    fn without_labels(&self) -> Vec<Mutation> {
        let is_list = |position: &usize| {
            let words = ["by", "without", "on", "ignoring", "group_left", "group_right"];
            words.iter().any(|word| self.is(*position, word)) && self.is(position + 1, "(")
        };
        (0..self.tokens.len()).filter(is_list).flat_map(|word| self.without_items(word + 1)).collect()
    }

    /// A list in brackets, each time without one of its items.
    fn without_items(&self, opening: usize) -> Vec<Mutation> {
        let inside = self.tokens[opening].depth + 1;
        let length = self.tokens[opening + 1..].iter().take_while(|token| token.depth >= inside).count();
        let commas = (opening + 1..=opening + length)
            .filter(|position| self.tokens[*position].depth == inside && self.is(*position, ","));
        let bounds: Vec<usize> = [opening].into_iter().chain(commas).chain([opening + 1 + length]).collect();
        let mut mutations = Vec::new();
        for pair in bounds.windows(2) {
            let [before, behind] = [pair[0], pair[1]];
            if behind - before < 2 {
                continue;
            }
            // The comma behind goes as well, or the one before where there is none behind.
            let has_comma_behind = self.is(behind, ",");
            let start = if !has_comma_behind && before != opening {
                self.tokens[before].at.start
            } else {
                self.tokens[before + 1].at.start
            };
            let end =
                if has_comma_behind { self.tokens[behind].at.end } else { self.tokens[behind - 1].at.end };
            mutations.push(Mutation { at: start..end, to: String::new() });
        }
        mutations
    }

    /// Without one of the operands of `and`, `or` and `unless`.
    fn without_operands(&self) -> Vec<Mutation> {
        let operators = (0..self.tokens.len()).filter(|position| self.is_set_operator(*position));
        operators.flat_map(|operator| self.without_operands_of(operator)).collect()
    }

    fn is_set_operator(&self, position: usize) -> bool {
        !self.tokens[position].is_in_braces
            && ["and", "or", "unless"].iter().any(|word| self.is(position, word))
    }

    fn without_operands_of(&self, operator: usize) -> Vec<Mutation> {
        let depth = self.tokens[operator].depth;
        let is_or = |position: usize| self.is(position, "or");
        // `or` binds loosest of all, so it ends every operand; `and` and `unless` end those of each other.
        let ends_left = |position: usize| is_or(position) && !is_or(operator);
        let ends_right =
            |position: usize| self.is_set_operator(position) && (!is_or(operator) || is_or(position));
        let is_outside = |position: usize| {
            let token = &self.tokens[position];
            token.depth < depth || (token.depth == depth && self.is(position, ","))
        };
        let at_depth = |position: usize| self.tokens[position].depth == depth;
        let first = (0..operator).rev().find(|it| is_outside(*it) || (at_depth(*it) && ends_left(*it)));
        let first = first.map_or(0, |before| before + 1);
        let after = operator + 1..self.tokens.len();
        let end = after.clone().find(|it| is_outside(*it) || (at_depth(*it) && ends_right(*it)));
        let end = end.unwrap_or(after.end);
        let mut right = operator + 1;
        if self.is(right, "on") || self.is(right, "ignoring") {
            right += 2;
            right += self.tokens[right..].iter().take_while(|token| token.depth > depth).count() + 1;
        }
        let (Some(last), true) = (end.checked_sub(1), right < end) else { return Vec::new() };
        let start_of = |position: usize| self.tokens[position].at.start;
        let without_right = Mutation { at: start_of(operator)..self.tokens[last].at.end, to: String::new() };
        let without_left = Mutation { at: start_of(first)..start_of(right), to: String::new() };
        if self.is(operator, "unless") { vec![without_right] } else { vec![without_left, without_right] }
    }
}

fn of_number(text: &str) -> Vec<String> {
    let Ok(number) = text.parse::<f64>() else { return Vec::new() };
    if number == 0.0 {
        vec!["1".to_owned()]
    } else {
        vec![(number * 0.5).to_string(), (number * 2.0).to_string()]
    }
}

/// Half and twice of a duration; nothing has no half.
pub(crate) fn of_duration(text: &str) -> Vec<String> {
    match milliseconds(text) {
        None | Some(0) => Vec::new(),
        Some(length) => vec![spelled(length / 2), spelled(length * 2)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expression: &str, expected: &[&str]) {
        let mutants: Vec<_> = mutations(expression).iter().map(|it| it.applied(expression)).collect();
        assert_eq!(mutants, expected, "{expression}");
    }

    #[test]
    fn signs_numbers_windows_and_functions_are_changed() {
        check("a > -1", &["a >= -1", "a < -1", "a > -0.5", "a > -2"]);
        check("a / b == 0", &["a * b == 0", "a / b != 0", "a / b == 1"]);
        check("rate(a[5m])", &["increase(a[5m])", "rate(a[150s])", "rate(a[10m])"]);
        check(
            "min_over_time(a[1m])",
            &[
                "avg_over_time(a[1m])",
                "max_over_time(a[1m])",
                "min_over_time(a[30s])",
                "min_over_time(a[2m])",
            ],
        );
    }

    #[test]
    fn matchers_are_negated_and_dropped() {
        check(r#"a{b="and"}"#, &["a{}", r#"a{b!="and"}"#]);
        check(
            r#"a{b="1", c!~"2"}"#,
            &[r#"a{ c!~"2"}"#, r#"a{b!="1", c!~"2"}"#, r#"a{b="1"}"#, r#"a{b="1", c=~"2"}"#],
        );
    }

    #[test]
    fn labels_are_dropped() {
        check("count by (a, b) (c)", &["sum by (a, b) (c)", "count by ( b) (c)", "count by (a) (c)"]);
        check("a * on (b) group_left () c", &["a / on (b) group_left () c", "a * on () group_left () c"]);
    }

    #[test]
    fn operands_are_dropped() {
        check("a and on (x) b", &["b", "a or on (x) b", "a unless on (x) b", "a ", "a and on () b"]);
        check(
            "(a or b) unless c",
            &["(b) unless c", "(a and b) unless c", "(a ) unless c", "(a or b) and c", "(a or b) "],
        );
    }

    #[test]
    fn operands_end_where_the_language_says() {
        let expression = "a or b and c or d";
        let dropped: Vec<_> = mutations(expression)
            .iter()
            .filter(|it| it.to.is_empty())
            .map(|it| it.applied(expression))
            .collect();
        assert_eq!(dropped, ["b and c or d", "d", "a  or d", "a or c or d", "a or b  or d", "a or b and c "]);
    }
}
