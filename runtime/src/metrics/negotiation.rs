//! Which format and which encoding a client gets, from what it says it accepts.
//!
//! <https://www.rfc-editor.org/rfc/rfc9110#name-content-negotiation>,
//! <https://prometheus.io/docs/instrumenting/content_negotiation/>

use super::exposition::Format;

/// Whether a body is sent as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Gzip,
}

impl Format {
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Protobuf => {
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            }
        }
    }

    const fn media_type(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("text", "plain"),
            Self::OpenMetrics => ("application", "openmetrics-text"),
            Self::Protobuf => ("application", "vnd.google.protobuf"),
        }
    }

    /// Whether it is what a parameter of a range asks for. How odd characters in names are escaped is no question here:
    /// no name has any.
    fn has(self, parameter: &str, value: &str) -> bool {
        match (self, parameter) {
            (Self::Text, "version") => value == "0.0.4",
            (Self::OpenMetrics, "version") => value == "1.0.0",
            (Self::Protobuf, "proto") => value == "io.prometheus.client.MetricFamily",
            (Self::Protobuf, "encoding") => value == "delimited",
            _ => true,
        }
    }
}

/// How well a format fits. What is named wins over what a wildcard covers, and what comes first over what comes later.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Fit {
    quality: f32,
    precision: u8,
    earliness: usize,
}

/// The format that the client likes best; text where it says nothing that can be read, or wants what there is not.
pub(super) fn format(accept: &str) -> Format {
    let mut best = (Format::Text, None);
    for format in [Format::Text, Format::OpenMetrics, Format::Protobuf] {
        let fit = fit(format, accept).filter(|fit| fit.quality > 0.0);
        if fit > best.1 {
            best = (format, fit);
        }
    }
    best.0
}

/// How a format fits the most precise range that covers it.
fn fit(format: Format, accept: &str) -> Option<Fit> {
    let mut found: Option<Fit> = None;
    for (place, range) in elements(accept).enumerate() {
        let Some((precision, quality)) = covered(format, range) else { continue };
        let fit = Fit { quality, precision, earliness: usize::MAX - place };
        let is_better = |known: Fit| (precision, quality) > (known.precision, known.quality);
        if found.is_none_or(is_better) {
            found = Some(fit);
        }
    }
    found
}

/// How precisely a range names a format, and how much it is liked; none where it covers another, or cannot be read.
fn covered(format: Format, range: &str) -> Option<(u8, f32)> {
    let mut parts = range.split(';').map(str::trim);
    let (main, sub) = parts.next()?.split_once('/')?;
    let (own_main, own_sub) = format.media_type();
    let is = |asked: &str, own: &str| asked.eq_ignore_ascii_case(own);
    let precision = match (main, sub) {
        ("*", "*") => 0,
        (main, "*") if is(main, own_main) => 1,
        (main, sub) if is(main, own_main) && is(sub, own_sub) => 2,
        _ => return None,
    };
    let mut quality = 1.0;
    for (name, value) in parts.filter_map(parameter) {
        if name.eq_ignore_ascii_case("q") {
            quality = weight(value)?;
        } else if precision == 2 && !format.has(&name.to_ascii_lowercase(), value) {
            return None;
        }
    }
    Some((precision, quality))
}

/// Whether the client likes a body compressed.
pub(super) fn encoding(accept_encoding: &str) -> Encoding {
    let weight_of = |names: &[&str]| {
        elements(accept_encoding).find_map(|element| {
            let mut parts = element.split(';').map(str::trim);
            let name = parts.next()?;
            let weight = match parts.filter_map(parameter).find(|(name, _)| name.eq_ignore_ascii_case("q")) {
                Some((_, value)) => weight(value)?,
                None => 1.0,
            };
            names.iter().any(|known| name.eq_ignore_ascii_case(known)).then_some(weight)
        })
    };
    let gzip = weight_of(&["gzip", "x-gzip"]).or_else(|| weight_of(&["*"])).unwrap_or(0.0);
    let identity = weight_of(&["identity"]).unwrap_or(0.0);
    if gzip > 0.0 && gzip >= identity { Encoding::Gzip } else { Encoding::Identity }
}

fn elements(header: &str) -> impl Iterator<Item = &str> {
    header.split(',').map(str::trim).filter(|element| !element.is_empty())
}

fn parameter(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    Some((name.trim(), value.trim().trim_matches('"')))
}

fn weight(text: &str) -> Option<f32> {
    text.parse().ok().filter(|weight| (0.0..=1.0).contains(weight))
}

#[cfg(test)]
mod tests {
    use super::Format::{OpenMetrics, Protobuf, Text};
    use super::*;

    fn check(accept: &str, expected: Format) {
        assert_eq!(format(accept), expected, "{accept}");
    }

    #[test]
    fn each_prometheus_gets_what_it_asks_for_first() {
        // 2.42 and others before 2.50, without and with native histograms.
        check(
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
             text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            OpenMetrics,
        );
        check(
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,\
             application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,\
             text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            Protobuf,
        );
        // 2.50 to 2.55.
        check(
            "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,\
             text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            OpenMetrics,
        );
        check(
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.5,\
             application/openmetrics-text;version=1.0.0;q=0.4,application/openmetrics-text;version=0.0.1;q=0.3,\
             text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            Protobuf,
        );
        // 3.0 and later.
        check(
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
             text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            OpenMetrics,
        );
        check(
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;\
             escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5,\
             application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            Protobuf,
        );
        // One that is told to fall back to text alone.
        check("text/plain;version=0.0.4;q=0.6,*/*;q=0.5", Text);
    }

    #[test]
    fn people_get_text() {
        check("", Text);
        check("*/*", Text);
        check("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", Text);
    }

    #[test]
    fn the_higher_quality_wins_and_among_equals_the_first_that_is_named() {
        check("text/plain;q=0.4, application/openmetrics-text;q=0.5", OpenMetrics);
        check("text/plain, application/openmetrics-text", Text);
        check("application/openmetrics-text, text/plain", OpenMetrics);
        check("*/*, application/openmetrics-text", OpenMetrics);
        check("application/openmetrics-text;q=0.5, */*;q=0.9", Text);
        check("text/plain;q=0.1, application/*;q=0.9", OpenMetrics);
        check("text/*;q=0.3, application/vnd.google.protobuf;q=0.2", Text);
    }

    #[test]
    fn what_is_unwanted_is_not_sent_where_there_is_anything_else() {
        check("text/plain;q=0, */*;q=0.1", OpenMetrics);
        check("application/openmetrics-text;q=0, */*", Text);
        check("text/plain;q=0", Text);
        check("image/png", Text);
    }

    #[test]
    fn versions_that_there_are_not_are_not_sent() {
        check("application/openmetrics-text;version=0.0.1", Text);
        check("application/openmetrics-text;version=2.0.0, text/plain;version=0.0.4;q=0.1", Text);
        check("application/vnd.google.protobuf;proto=other.Message;encoding=delimited, */*;q=0.1", Text);
        check(
            "application/vnd.google.protobuf;encoding=text, application/openmetrics-text;q=0.1",
            OpenMetrics,
        );
    }

    #[test]
    fn spelling_does_not_matter() {
        check("APPLICATION/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=0.9 , */* ; q=0.1", OpenMetrics);
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        for garbage in [
            ",;,=",
            "/",
            "q=1",
            ";q=0.5",
            "application/openmetrics-text;q=high",
            "text",
            "äöü/ß",
            "*/*;q=NaN",
        ] {
            check(garbage, Text);
            check(&format!("{garbage},application/openmetrics-text;q=0.1"), OpenMetrics);
        }
    }

    #[test]
    fn a_body_is_compressed_for_those_who_like_it() {
        for gzip in
            ["gzip", "gzip, deflate, br", "deflate, GZIP;q=0.5", "*", "x-gzip", "identity;q=0.5, gzip"]
        {
            assert_eq!(encoding(gzip), Encoding::Gzip, "{gzip}");
        }
        for identity in [
            "",
            "identity",
            "br",
            "gzip;q=0",
            "gzip;q=0, *",
            "*;q=0",
            "identity, gzip;q=0.5",
            "gzip;q=x",
            ";,",
        ] {
            assert_eq!(encoding(identity), Encoding::Identity, "{identity}");
        }
    }
}
