//! Two sides that never meet.

use std::collections::BTreeSet;

use promql_parser::parser::token::T_LOR;
use promql_parser::parser::{BinaryExpr, Expr, LabelModifier};

use crate::check::finding::Finding;
use crate::check::shape::{Shape, is_vector};
use crate::check::vocabulary::{OF_A_SCRAPE, Origin, Vocabulary};
use crate::promql::selector::{name, selectors};
use crate::promql::walk::each;

pub(crate) fn unmatched(expression: &Expr, vocabulary: &Vocabulary) -> Vec<Finding> {
    let mut findings = Vec::new();
    each(expression, &mut |part, _| {
        if let Expr::Binary(binary) = part
            && is_vector(&binary.lhs)
            && is_vector(&binary.rhs)
            && binary.op.id() != T_LOR
        {
            findings.extend(of(binary, vocabulary));
        }
    });
    findings
}

fn of(binary: &BinaryExpr, vocabulary: &Vocabulary) -> Option<Finding> {
    let (left, right) = (vocabulary.shape(&binary.lhs), vocabulary.shape(&binary.rhs));
    let matching = binary.modifier.as_ref().and_then(|modifier| modifier.matching.as_ref());
    let message = differently_labelled(&binary.op.to_string(), &left, &right, matching)
        .or_else(|| differently_scraped(&binary.op.to_string(), &left, &right, matching))?;
    let needle = selectors(&binary.lhs).iter().find_map(|it| name(it).map(str::to_owned));
    Some(Finding::new(&needle.unwrap_or_default(), message))
}

/// Without `on`, all labels have to be equal, those among them that only one side has.
fn differently_labelled(
    operator: &str,
    left: &Shape,
    right: &Shape,
    matching: Option<&LabelModifier>,
) -> Option<String> {
    let ignored = match matching {
        None => &[][..],
        Some(LabelModifier::Exclude(ignored)) => &ignored.labels,
        Some(LabelModifier::Include(_)) => return None,
    };
    let compared = |shape: &Shape| -> Option<BTreeSet<String>> {
        Some(shape.labels.as_ref()?.iter().filter(|label| !ignored.contains(*label)).cloned().collect())
    };
    let (left, right) = (compared(left)?, compared(right)?);
    let listed = |labels: &BTreeSet<String>| labels.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    (left != right).then(|| {
        format!(
            "`{operator}` finds no partners: the left side has the labels ({}), the right one ({}); say by which they belong together with `on (…)`",
            listed(&left),
            listed(&right)
        )
    })
}

/// What two programs say carries the job and the address of each.
fn differently_scraped(
    operator: &str,
    left: &Shape,
    right: &Shape,
    matching: Option<&LabelModifier>,
) -> Option<String> {
    let (Origin::Only(these), Origin::Only(those)) = (&left.origin, &right.origin) else { return None };
    let is_in_both = |label: &str| {
        [left, right].iter().all(|shape| shape.labels.as_ref().is_some_and(|labels| labels.contains(label)))
    };
    let compared = |label: &&&str| match matching {
        None => is_in_both(label),
        Some(LabelModifier::Include(on)) => on.labels.iter().any(|it| it == **label),
        Some(LabelModifier::Exclude(ignored)) => {
            is_in_both(label) && !ignored.labels.iter().any(|it| it == **label)
        }
    };
    let label = OF_A_SCRAPE.iter().find(compared)?;
    let listed = |who: &BTreeSet<String>| who.iter().map(String::as_str).collect::<Vec<_>>().join(" or ");
    these.is_disjoint(those).then(|| {
        format!(
            "`{operator}` finds no partners: {} and {} are scraped as different targets, so `{label}` is never equal; compare what one of them says, or match by a label that both have",
            listed(these),
            listed(those)
        )
    })
}
