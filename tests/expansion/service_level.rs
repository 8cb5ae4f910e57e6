#[tachograph::timed(slo(name = "checkout", latency = "250ms", objective = 99.9))]
pub fn check_out(items: u32) -> Option<u32> {
    items.checked_sub(1)
}
