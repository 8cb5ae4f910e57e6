//! Which labels the series of an expression have, and who emits what they are made of.

use std::collections::BTreeSet;

use promql_parser::label::MatchOp;
use promql_parser::parser::token::{T_LAND, T_LOR, T_LUNLESS};
use promql_parser::parser::value::ValueType;
use promql_parser::parser::{BinaryExpr, Call, Expr, LabelModifier, VectorMatchCardinality, VectorSelector};

use crate::check::vocabulary::{OF_A_SCRAPE, Origin, Vocabulary};
use crate::promql::selector::name;

/// Recorded series of recorded series go no deeper in any pack that can be read; it ends a circle.
const DEPTH: usize = 12;

/// What is known of the series of an expression.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// All labels that they can have; none where that is not known.
    pub(crate) labels: Option<BTreeSet<String>>,
    pub(crate) origin: Origin,
}

impl Shape {
    fn new(labels: Option<BTreeSet<String>>, origin: Origin) -> Self {
        Self { labels, origin }
    }

    fn nothing() -> Self {
        Self::new(Some(BTreeSet::new()), Origin::Anybody)
    }

    fn unknown() -> Self {
        Self::new(None, Origin::Anybody)
    }

    /// With the labels changed.
    fn with(self, change: impl FnOnce(BTreeSet<String>) -> BTreeSet<String>) -> Self {
        Self { labels: self.labels.map(change), ..self }
    }

    /// What may be either.
    fn or(self, other: Self) -> Self {
        let labels = self.labels.zip(other.labels).map(|(these, those)| &these | &those);
        let origin = match (self.origin, other.origin) {
            (Origin::Only(these), Origin::Only(those)) => Origin::Only(&these | &those),
            _ => Origin::Anybody,
        };
        Self { labels, origin }
    }
}

/// Whether an expression has series at all, and not one number.
pub(crate) fn is_vector(expression: &Expr) -> bool {
    expression.value_type() == ValueType::Vector
}

/// Without the brackets around it.
pub(crate) fn bare(expression: &Expr) -> &Expr {
    match expression {
        Expr::Paren(inside) => bare(&inside.expr),
        other => other,
    }
}

impl Vocabulary {
    /// The shape of an expression.
    pub(crate) fn shape(&self, expression: &Expr) -> Shape {
        self.shape_within(expression, DEPTH)
    }

    fn shape_within(&self, expression: &Expr, depth: usize) -> Shape {
        if depth == 0 {
            return Shape::unknown();
        }
        let of = |inner: &Expr| self.shape_within(inner, depth);
        match expression {
            Expr::Paren(inside) => of(&inside.expr),
            Expr::Unary(inside) => of(&inside.expr),
            Expr::Subquery(inside) => of(&inside.expr),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Shape::nothing(),
            Expr::VectorSelector(selector) => self.of_selector(selector, depth),
            Expr::MatrixSelector(matrix) => self.of_selector(&matrix.vs, depth),
            Expr::Aggregate(aggregate) => {
                let inner = of(&aggregate.expr);
                let is_choice = matches!(
                    aggregate.op.to_string().as_str(),
                    "topk" | "bottomk" | "limitk" | "limit_ratio"
                );
                match &aggregate.modifier {
                    _ if is_choice => inner,
                    Some(LabelModifier::Include(kept)) => {
                        let kept: BTreeSet<String> = kept.labels.iter().cloned().collect();
                        Shape { labels: Some(kept), ..inner }
                    }
                    Some(LabelModifier::Exclude(dropped)) => {
                        inner.with(|labels| without(labels, &dropped.labels))
                    }
                    None => Shape { labels: Some(BTreeSet::new()), ..inner },
                }
            }
            Expr::Call(call) => self.of_call(call, depth),
            Expr::Binary(binary) => self.of_binary(binary, depth),
            Expr::Extension(_) => Shape::unknown(),
        }
    }

    fn of_selector(&self, selector: &VectorSelector, depth: usize) -> Shape {
        let Some(name) = name(selector) else { return Shape::unknown() };
        let shape = match self.sample(name) {
            Some(sample) => {
                let scraped = OF_A_SCRAPE.iter().map(|label| (*label).to_owned());
                let is_open = name.starts_with("ALERTS");
                let labels = sample.labels.into_iter().chain(scraped).collect();
                Shape::new((!is_open).then_some(labels), sample.origin)
            }
            None => {
                let of_rule = |recorded: &super::vocabulary::Recorded| {
                    let own = recorded.rule.node.get("labels");
                    let own: BTreeSet<String> = own
                        .iter()
                        .flat_map(|labels| labels.entries())
                        .map(|(label, _)| label.to_owned())
                        .collect();
                    self.shape_within(&recorded.expression, depth - 1).with(|labels| &labels | &own)
                };
                let shapes = self.found(selector).map(of_rule).reduce(Shape::or);
                shapes.unwrap_or_else(Shape::unknown)
            }
        };
        let absent: Vec<String> = selector
            .matchers
            .matchers
            .iter()
            .filter(|matcher| matches!(matcher.op, MatchOp::Equal) && matcher.value.is_empty())
            .map(|matcher| matcher.name.clone())
            .collect();
        shape.with(|labels| without(labels, &absent))
    }

    fn of_call(&self, call: &Call, depth: usize) -> Shape {
        let arguments = &call.args.args;
        let text = |at: usize| match arguments.get(at).map(|argument| bare(argument)) {
            Some(Expr::StringLiteral(text)) => Some(text.val.clone()),
            _ => None,
        };
        let inner = || match arguments
            .iter()
            .find(|it| !matches!(it.value_type(), ValueType::Scalar | ValueType::String))
        {
            Some(argument) => self.shape_within(argument, depth),
            None => Shape::nothing(),
        };
        match call.func.name {
            "absent" | "absent_over_time" => {
                let selector = match arguments.first().map(|argument| bare(argument)) {
                    Some(Expr::VectorSelector(selector)) => Some(selector),
                    Some(Expr::MatrixSelector(matrix)) => Some(&matrix.vs),
                    _ => None,
                };
                let matchers = selector.iter().flat_map(|selector| &selector.matchers.matchers);
                let equal = matchers.filter(|it| matches!(it.op, MatchOp::Equal) && it.name != "__name__");
                Shape::new(Some(equal.map(|matcher| matcher.name.clone()).collect()), Origin::Anybody)
            }
            "vector" | "scalar" | "time" | "pi" => Shape::nothing(),
            "histogram_quantile" | "histogram_fraction" => {
                inner().with(|labels| without(labels, &["le".to_owned()]))
            }
            "label_replace" | "label_join" => {
                // What is copied into a label like `instance` is no longer only what its emitter is known by.
                let shape = inner();
                let shape = Shape { origin: Origin::Anybody, ..shape };
                match text(1) {
                    Some(label) => shape.with(|mut labels| {
                        labels.insert(label);
                        labels
                    }),
                    None => Shape::unknown(),
                }
            }
            _ => inner(),
        }
    }

    fn of_binary(&self, binary: &BinaryExpr, depth: usize) -> Shape {
        let (left, right) = (self.shape_within(&binary.lhs, depth), self.shape_within(&binary.rhs, depth));
        match (is_vector(&binary.lhs), is_vector(&binary.rhs)) {
            (true, true) => {}
            (false, true) => return right,
            _ => return left,
        }
        match binary.op.id() {
            T_LOR => return left.or(right),
            T_LAND | T_LUNLESS => return left,
            _ => {}
        }
        let Some(modifier) = &binary.modifier else { return left };
        match &modifier.card {
            VectorMatchCardinality::ManyToOne(taken) => left.with(|labels| with(labels, &taken.labels)),
            VectorMatchCardinality::OneToMany(taken) => right.with(|labels| with(labels, &taken.labels)),
            _ => match &modifier.matching {
                Some(LabelModifier::Include(on)) => left.with(|labels| {
                    let on: BTreeSet<String> = on.labels.iter().cloned().collect();
                    &labels & &on
                }),
                Some(LabelModifier::Exclude(ignored)) => left.with(|labels| without(labels, &ignored.labels)),
                None => left,
            },
        }
    }

    /// The number that an expression always is, where it is one.
    pub(crate) fn constant(&self, expression: &Expr) -> Option<f64> {
        self.constant_within(expression, DEPTH)
    }

    fn constant_within(&self, expression: &Expr, depth: usize) -> Option<f64> {
        let depth = depth.checked_sub(1)?;
        match expression {
            Expr::Paren(inside) => self.constant_within(&inside.expr, depth),
            Expr::Unary(inside) => Some(-self.constant_within(&inside.expr, depth)?),
            Expr::NumberLiteral(number) => Some(number.val),
            Expr::Call(call) if matches!(call.func.name, "vector" | "scalar") => {
                self.constant_within(call.args.args.first()?, depth)
            }
            Expr::VectorSelector(selector) => {
                let mut found = self.found(selector);
                let only = found.next()?;
                if found.next().is_some() { None } else { self.constant_within(&only.expression, depth) }
            }
            Expr::Binary(binary) => {
                let (left, right) =
                    (self.constant_within(&binary.lhs, depth)?, self.constant_within(&binary.rhs, depth)?);
                match binary.op.to_string().as_str() {
                    "+" => Some(left + right),
                    "-" => Some(left - right),
                    "*" => Some(left * right),
                    "/" => Some(left / right),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn without(labels: BTreeSet<String>, dropped: &[String]) -> BTreeSet<String> {
    labels.into_iter().filter(|label| !dropped.contains(label)).collect()
}

fn with(mut labels: BTreeSet<String>, taken: &[String]) -> BTreeSet<String> {
    labels.extend(taken.iter().cloned());
    labels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::selector::parse;

    #[track_caller]
    fn check(expression: &str, labels: &str) {
        let shape = Vocabulary::default().shape(&parse(expression).unwrap());
        let found = shape.labels.map(|labels| labels.into_iter().collect::<Vec<_>>().join(" "));
        assert_eq!(found.as_deref().unwrap_or("?"), labels, "{expression}");
    }

    #[test]
    fn labels_are_what_the_language_makes_of_them() {
        check("worker_active", "instance job queue");
        check("sum by (job) (worker_active)", "job");
        check("sum(worker_active)", "");
        check("sum without (instance) (worker_active)", "job queue");
        check("topk(3, worker_active)", "instance job queue");
        check(
            "histogram_quantile(0.9, sum by (job, le) (rate(function_duration_seconds_bucket[5m])))",
            "job",
        );
        check("worker_active and on (job) up", "instance job queue");
        check("worker_active > 3", "instance job queue");
        check("worker_active / on (job, queue) worker_busy", "job queue");
        check(
            "worker_active / on (job) group_left (version) tachograph_build_info",
            "instance job queue version",
        );
        check("sum by (job) (worker_active) or up", "instance job");
        check(r#"absent(up{job="a", instance=~"b"})"#, "job");
        check("vector(1)", "");
        check("time() - process_start_time_seconds", "instance job");
        check(r#"label_replace(up, "a", "$1", "job", "(.*)")"#, "a instance job");
        check("nobody", "?");
    }

    #[test]
    fn constants_are_computed() {
        let constant = |expression| Vocabulary::default().constant(&parse(expression).unwrap());
        assert_eq!(constant("14.4 * (1 - 0.5)"), Some(7.2));
        assert_eq!(constant("vector(512 * 2)"), Some(1024.0));
        assert_eq!(constant("up * 2"), None);
    }
}
