//! Something breaks, and people read what and where; it is mended, and they read that.

use std::time::{Duration, Instant};

use tachograph_servers::mirror::Mirror;

use crate::watched::Watched;

#[test]
fn a_killed_service() {
    let mirror = Mirror::start();
    let address = mirror.metrics();
    let watched = Watched::start(address, &[]);

    let fault = Instant::now();
    mirror.kill();
    let message = watched.tells("ServiceDown", fault, Duration::from_secs(2));
    assert!(message.text.contains(&address.to_string()), "{}", message.text);
    assert!(
        message.links.iter().any(|link| link.contains("/graph?g0.expr=up%20%3D%3D%200")),
        "{:?}",
        message.links
    );

    let mended = Instant::now();
    let _mirror = Mirror::start_at(address);
    let text = watched.tells_the_end_of("ServiceDown", mended, Duration::ZERO);
    let expected = format!(
        "✅ Resolved\n\nServiceDown\nComponent: infrastructure\nJob: mirror\nInstance: {address}\nLasted: "
    );
    let lasted = text.strip_prefix(&expected).unwrap_or_else(|| panic!("{text}"));
    assert!(lasted.ends_with('s') && lasted.len() <= 4, "{lasted}");
}
