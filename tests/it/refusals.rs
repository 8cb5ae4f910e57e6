//! What cannot be installed says why, and how to mend it, and leaves the program to its own devices.

use std::net::TcpListener;
use std::os::unix::net::UnixListener;

use super::program::{Run, run};

/// The error that the program ended with.
fn refused(run: &Run) -> String {
    assert_eq!(run.output.status.code(), Some(1), "{}", run.stderr());
    run.stderr().strip_prefix("error: ").expect("an error").trim_end().to_owned()
}

#[test]
fn an_unreadable_variable_is_named_with_its_value_and_what_is_accepted() {
    let cases = [
        ("LOG_LEVEL", "loud", "a level (TRACE, DEBUG, INFO"),
        ("LOG_MAX_BYTES", "50MB", "a number of bytes"),
        ("LOG_BACKUPS", "ten", "a number from 0 to 1000"),
        ("LOG_ROTATION", "hourly", "one of `size`, `daily` and `both`"),
        ("LOG_MAX_TOTAL_BYTES", "1000000", "a number of bytes of at least three times LOG_MAX_BYTES"),
        ("LOG_MAX_AGE", "a month", "an age such as `30d`"),
        ("LOG_COMPRESS", "yes", "one of `gzip` and `off`"),
        ("LOG_REOPEN_ON_SIGHUP", "2", "one of `1` and `0`"),
        ("LOG_CONSOLE", "yes", "one of `text`, `json` and `off`"),
        ("PERFORMANCE_LOG_THRESHOLD", "fast", "a duration such as `100ms`"),
        ("METRICS_ADDR", "localhost", "an address and port such as `127.0.0.1:9464`"),
    ];
    for (name, value, accepted) in cases {
        let message = refused(&run("idle", &[(name, value)]));
        assert!(message.starts_with(&format!("{name} is `{value}`, which is not {accepted}")), "{message}");
    }
}

#[test]
fn a_log_directory_that_cannot_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let directory = file.path().join("logs");
    let message = refused(&run("idle", &[("LOG_DIR", directory.to_str().unwrap())]));
    assert!(message.contains(directory.to_str().unwrap()) && message.contains("set LOG_DIR"), "{message}");
}

#[test]
fn a_log_file_that_cannot_be_opened_is_named() {
    let directory = tempfile::tempdir().unwrap();
    // A directory in the file's place stops root as well.
    let in_the_way = directory.path().join("scenario-error.log");
    std::fs::create_dir(&in_the_way).unwrap();
    let message = refused(&run("idle", &[("LOG_DIR", directory.path().to_str().unwrap())]));
    assert!(message.contains(in_the_way.to_str().unwrap()), "{message}");
}

#[test]
fn a_taken_metrics_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = run("idle", &[("METRICS_ADDR", &address)]);
    let message = refused(&run);
    assert!(
        message.contains(&address) && message.contains("set METRICS_ADDR to a free address"),
        "{message}"
    );
    assert!(!run.log_dir().exists(), "nothing is left behind");
}

#[test]
fn a_socket_that_another_process_listens_at_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("metrics.sock");
    let living = UnixListener::bind(&path).unwrap();
    let address = format!("unix:{}", path.display());
    let message = refused(&run("idle", &[("METRICS_ADDR", &address)]));
    assert!(message.contains(&address) && message.contains("another process listens"), "{message}");
    drop(living);
    run("idle", &[("METRICS_ADDR", &address)]).succeeds();
    assert!(!path.exists(), "a dead socket gives way, and the name goes with the program");
}

#[test]
fn a_token_that_cannot_be_one_is_named_and_not_shown() {
    for token in ["", "not one s3cret"] {
        let message = refused(&run("idle", &[("METRICS_TOKEN", token)]));
        assert!(message.starts_with("METRICS_TOKEN cannot be a bearer token"), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
    }
}

#[test]
fn a_second_init_is_an_error() {
    assert!(refused(&run("second-init", &[])).contains("installed already in this process"));
}

#[test]
fn another_subscriber_is_an_error() {
    let run = run("foreign-subscriber", &[]);
    assert!(refused(&run).contains("another tracing subscriber"));
    assert!(!run.log_dir().exists(), "nothing is left behind");
}

#[test]
fn metrics_can_be_off_and_the_builder_decides_over_the_environment() {
    let run = run(
        "builder",
        &[("LOG_LEVEL", "error"), ("METRICS_ADDR", "127.0.0.1:1"), ("LOG_DIR", "/proc/nowhere")],
    );
    let run = run.succeeds();
    assert_eq!(run.records(".log")[0]["message"], "built");
}
