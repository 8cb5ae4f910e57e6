//! Writes the sources of many functions: no two with the same body, or the compiler would make them one.

use std::fmt::Write;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let directory = std::env::var_os("OUT_DIR").expect("cargo tells where to write");
    let write = |name: &str, source: String| {
        std::fs::write(Path::new(&directory).join(name), source)
            .expect("cargo's directory can be written to");
    };
    let bounds = r#"["50us", "100us", "250us", "500us", "1ms", "2500us", "5ms", "10ms", "25ms", "50ms", "100ms", "1s"]"#;
    let timed = format!("#[tachograph::timed(buckets = {bounds})]");
    write("bare_1000.rs", functions(1000, |_| String::new(), |number| format!("spin(steps, {number})")));
    write("timed_100.rs", functions(100, |_| timed.clone(), |number| format!("spin(steps, {number})")));
    write("timed_1000.rs", functions(1000, |_| timed.clone(), |number| format!("spin(steps, {number})")));
    write(
        "timed_1000_default.rs",
        functions(1000, |_| "#[tachograph::timed]".to_owned(), |number| format!("spin(steps, {number})")),
    );
    let handles = |number: usize| {
        format!(
            "static HANDLES: LazyLock<Handles> = LazyLock::new(|| Handles::of(\"f{number:04}\")); \
             let started = Instant::now(); let answer = spin(steps, {number}); \
             HANDLES.record(started, &answer); answer"
        )
    };
    write("exporter_1000.rs", functions(1000, |_| String::new(), handles));
}

/// The functions, and a table of them.
fn functions(count: usize, attribute: impl Fn(usize) -> String, body: impl Fn(usize) -> String) -> String {
    let mut source = String::new();
    let mut table = String::new();
    for number in 0..count {
        writeln!(
            source,
            "{} fn f{number:04}(steps: u64) -> Answer {{ {} }}",
            attribute(number),
            body(number)
        )
        .expect("a string takes everything");
        write!(table, "f{number:04}, ").expect("a string takes everything");
    }
    format!("{source}\npub static FUNCTIONS: [fn(u64) -> Answer; {count}] = [{table}];\n")
}
