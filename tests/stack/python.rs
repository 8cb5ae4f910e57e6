//! Python with the parser of OpenMetrics that its authors wrote.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use tachograph_servers::debian;

const PARSE: &str = "
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = []
for family in text_string_to_metric_families(sys.stdin.buffer.read().decode('utf-8')):
    samples = [
        {'name': s.name, 'labels': s.labels, 'value': str(s.value), 'exemplar': s.exemplar and
         {'labels': s.exemplar.labels, 'value': s.exemplar.value, 'timestamp': float(s.exemplar.timestamp)}}
        for s in family.samples
    ]
    families.append({'name': family.name, 'type': family.type, 'unit': family.unit, 'help': family.documentation,
                     'samples': samples})
json.dump(families, sys.stdout)
";

/// The families of a page, as the parser reads them.
///
/// # Panics
///
/// Where there is no Python, and where the parser refuses the page.
pub(crate) fn parsed(page: &str) -> Vec<Value> {
    let package = debian::extracted("python3-prometheus-client");
    let package = package.unwrap_or_else(|reason| panic!("no parser of OpenMetrics: {reason}"));
    let mut command = Command::new("python3");
    command.args(["-c", PARSE]).env("PYTHONPATH", package.join("usr/lib/python3/dist-packages"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| {
        panic!("python3 is missing, put it on PATH; Debian has it in the package python3: {error}")
    });
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    // Where Python does not read, it says why on its standard error.
    let _ = stdin.write_all(page.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "{}\n{page}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the script writes JSON")
}
