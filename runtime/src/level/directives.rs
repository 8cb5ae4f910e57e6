//! What is logged, as it is written in `LOG_LEVEL`: a level, or directives of tracing's filters.

use std::fmt;

use tracing::Level;
use tracing::level_filters::STATIC_MAX_LEVEL;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Directives that a filter can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directives(Vec<Directive>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Directive {
    /// A target, a span, or both; empty for everything else.
    what: String,
    level: LevelFilter,
}

impl Directives {
    /// None where they cannot be read.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let read = Self(parts.map(Directive::parse).collect::<Option<_>>()?);
        let is_understood = !read.0.is_empty() && EnvFilter::builder().parse(read.effective()).is_ok();
        is_understood.then_some(read)
    }

    /// Of these directives.
    pub(super) fn filter(&self) -> EnvFilter {
        // Read once already, with the same result.
        EnvFilter::builder().parse_lossy(self.effective())
    }

    /// Without levels that this build leaves out, of which the filter would tell standard error, and panic where that is closed.
    fn effective(&self) -> String {
        let effective = |directive: &Directive| Directive {
            what: directive.what.clone(),
            level: directive.level.min(STATIC_MAX_LEVEL),
        };
        Self(self.0.iter().map(effective).collect()).to_string()
    }

    /// The most verbose level that any of them lets pass.
    pub(super) fn level(&self) -> LevelFilter {
        let most_verbose = self.0.iter().map(|directive| directive.level).max();
        most_verbose.unwrap_or(LevelFilter::OFF).min(STATIC_MAX_LEVEL)
    }

    /// Whether any of them asks in which span something happens.
    pub(super) fn name_spans(&self) -> bool {
        self.0.iter().any(|directive| directive.what.contains('['))
    }

    /// The same with each level one step more verbose. What is off was not wanted at all, and stays off unless everything is.
    pub(super) fn raised(&self) -> Self {
        let all_off = self.0.iter().all(|directive| directive.level == LevelFilter::OFF);
        let raise = |directive: &Directive| Directive {
            what: directive.what.clone(),
            level: match directive.level.into_level() {
                None if all_off => LevelFilter::ERROR,
                None => LevelFilter::OFF,
                Some(Level::ERROR) => LevelFilter::WARN,
                Some(Level::WARN) => LevelFilter::INFO,
                Some(Level::INFO) => LevelFilter::DEBUG,
                Some(Level::DEBUG | Level::TRACE) => LevelFilter::TRACE,
            },
        };
        Self(self.0.iter().map(raise).collect())
    }
}

impl Default for Directives {
    fn default() -> Self {
        Self(vec![Directive { what: String::new(), level: LevelFilter::INFO }])
    }
}

impl Directive {
    fn parse(text: &str) -> Option<Self> {
        // A span's fields have a `=` of their own.
        let after_span = text.rfind(']').map_or(0, |end| end + 1);
        let (what, level) = match text[after_span..].rfind('=') {
            Some(at) => {
                let (what, level) = text.split_at(after_span + at);
                (Some(what.trim_end()), level_of(level[1..].trim_start())?)
            }
            // All of it.
            None if text.contains([':', '[']) => (Some(text), LevelFilter::TRACE),
            // A lone word is a target to tracing, with all its levels on; here it is a level, maybe with a typing mistake.
            None => (None, level_of(text)?),
        };
        let is_read = what.is_none_or(|what| !what.is_empty());
        is_read.then(|| Self { what: what.unwrap_or_default().to_owned(), level })
    }
}

/// A level, with the names of Python understood.
fn level_of(text: &str) -> Option<LevelFilter> {
    match text.to_ascii_uppercase().as_str() {
        "" => None,
        "WARNING" => Some(LevelFilter::WARN),
        "CRITICAL" | "FATAL" => Some(LevelFilter::ERROR),
        level => level.parse().ok(),
    }
}

impl fmt::Display for Directives {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, Directive { what, level }) in self.0.iter().enumerate() {
            let comma = if position > 0 { "," } else { "" };
            let equals = if what.is_empty() { "" } else { "=" };
            write!(formatter, "{comma}{what}{equals}{level}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Directives::parse(text).map(|directives| directives.to_string())
    }

    fn raised(text: &str) -> String {
        Directives::parse(text).unwrap().raised().to_string()
    }

    #[test]
    fn what_is_read_is_written_in_one_way() {
        for (text, written) in [
            ("INFO", "info"),
            ("3", "info"),
            ("off", "off"),
            ("WARNING", "warn"),
            ("CRITICAL", "error"),
            (" info , hyper = WARNING ,", "info,hyper=warn"),
            ("mirror::download", "mirror::download=trace"),
            ("error,[job]", "error,[job]=trace"),
            ("mirror[job{id=7}]=debug", "mirror[job{id=7}]=debug"),
            ("[job{level=info}]", "[job{level=info}]=trace"),
        ] {
            assert_eq!(read(text).as_deref(), Some(written), "{text}");
            assert_eq!(read(written).as_deref(), Some(written));
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in ["", " ", ",", "loud", "info,=debug", "hyper=", "hyper=loud", "info,=debug=", "[job"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn each_level_is_raised_by_a_step_but_what_is_off() {
        assert_eq!(raised("error,a=warn,b=info,c=debug,d=trace"), "warn,a=info,b=debug,c=trace,d=trace");
        assert_eq!(raised("off,mirror=info,hyper=off"), "off,mirror=debug,hyper=off");
        assert_eq!(raised("off"), "error");
        assert_eq!(raised("warn,[job{id=7}]=info"), "info,[job{id=7}]=debug");
    }

    #[test]
    fn the_level_is_the_most_verbose_one() {
        let level = |text| Directives::parse(text).unwrap().level();
        assert_eq!(level("warn,mirror=debug,hyper=off"), LevelFilter::DEBUG);
        assert_eq!((level("off"), level("info,[job]")), (LevelFilter::OFF, LevelFilter::TRACE));
    }
}
