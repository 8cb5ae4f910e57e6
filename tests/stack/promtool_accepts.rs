//! Prometheus' own tool finds nothing wrong.

use tachograph_servers::mirror::Mirror;
use tachograph_servers::promtool::{check, promtool, run};

use crate::stack::scraped::Scraped;

#[test]
fn the_page_of_the_mirror() {
    check(&mut promtool(&["check", "metrics"]), &Mirror::start().page());
}

#[test]
fn a_page_with_whatever_names_labels_and_values() {
    let page = Scraped::start().page("*/*");
    assert!(page.contains("__overflow__"), "{page}");
    let output = run(&mut promtool(&["check", "metrics"]), &page);
    // It reads the page, and finds fault with the taste of its names alone.
    const TASTE: i32 = 3;
    assert_eq!(output.status.code(), Some(TASTE), "{}", String::from_utf8_lossy(&output.stderr));
}
