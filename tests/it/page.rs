//! The metrics page of a real program.

use super::program::run;

#[test]
fn all_four_outcomes_are_counted_and_the_uncalled_stand_at_zero() {
    let page = run("outcomes", &[]).succeeds().stdout();
    let line = |function: &str, outcome: &str| {
        format!(
            "function_calls_total{{function=\"{function}\",module=\"scenario\",component=\"rail\",outcome=\"{outcome}\"}}"
        )
    };
    let expected = [
        ("depart", "ok", 1),
        ("depart", "error", 1),
        ("depart", "panic", 1),
        ("depart", "cancelled", 0),
        ("arrive", "cancelled", 1),
        ("derail", "ok", 0),
        ("derail", "panic", 0),
    ];
    for (function, outcome, count) in expected {
        let line = format!("\n{} {count}\n", line(function, outcome));
        assert!(page.contains(&line), "missing {line} in\n{page}");
    }
    assert!(page.contains("function_busy_seconds_total{function=\"arrive\""), "{page}");
    assert!(!page.contains("function_busy_seconds_total{function=\"depart\""), "only futures are busy");
}

#[test]
fn the_users_own_metrics_stand_on_the_same_page() {
    let page = run("outcomes", &[]).succeeds().stdout();
    for line in [
        "tickets_total{class=\"first\"} 3\n",
        "passengers 17.5\n",
        "# TYPE delay_seconds histogram\n",
        "delay_seconds_bucket{le=\"1\"} 1\n",
        "delay_seconds_bucket{le=\"0.5\"} 0\n",
        "delay_seconds_sum 0.75\n",
        "delay_seconds_count 1\n",
    ] {
        assert!(page.contains(line), "missing {line} in\n{page}");
    }
}

#[test]
fn the_framework_and_the_process_measure_themselves() {
    let page = run("outcomes", &[]).succeeds().stdout();
    for start in [
        "tachograph_build_info{version=\"0.1.0\"} 1",
        "tachograph_log_records_total{log=\"main\"} ",
        "tachograph_log_dropped_total{log=\"main\",reason=\"",
        "tachograph_log_errors_total{log=\"main\",operation=\"write\"} 0",
        "tachograph_log_rotations_total{log=\"error\"} 0",
        "tachograph_series_dropped_total",
        "tachograph_scrape_duration_seconds",
        "process_cpu_seconds_total ",
        "process_resident_memory_bytes ",
        "process_open_fds ",
        "process_start_time_seconds ",
    ] {
        assert!(page.lines().any(|line| line.starts_with(start)), "missing {start} in\n{page}");
    }
}

#[test]
fn a_second_is_as_long_as_the_systems() {
    let medians = run("naps", &[]).succeeds().stdout();
    let medians: Vec<f64> = medians.split_whitespace().filter_map(|median| median.parse().ok()).collect();
    let [by_system, by_tachograph] = medians[..] else { panic!("{medians:?}") };
    // What a bucket leaves open, and what the system's clock takes beside the nap.
    assert!((by_tachograph / by_system - 1.0).abs() < 0.045 + 0.01, "{by_tachograph} ns of {by_system}");
}
