//! The programs that the tests need and that cargo does not bring.

use std::env;
use std::path::{Path, PathBuf};

use crate::debian;
use crate::generation::Generation;

/// A program, and where to get it from.
pub struct Tool {
    name: &'static str,
    /// Names an executable to use instead.
    variable: &'static str,
    /// Debian's packages that may have it. From trixie on promtool is a package of its own.
    packages: &'static [&'static str],
}

/// Scrapes, evaluates rules, stores.
pub const PROMETHEUS: Tool = Tool { name: "prometheus", variable: "PROMETHEUS", packages: &["prometheus"] };

/// Checks rules, configurations and pages, and runs the tests of rules.
pub const PROMTOOL: Tool =
    Tool { name: "promtool", variable: "PROMTOOL", packages: &["prometheus", "promtool"] };

/// Groups, inhibits, routes and sends alerts.
pub const ALERTMANAGER: Tool = Tool {
    name: "prometheus-alertmanager",
    variable: "ALERTMANAGER",
    packages: &["prometheus-alertmanager"],
};

/// Checks Alertmanager's configuration and renders its templates.
pub const AMTOOL: Tool = Tool { name: "amtool", variable: "AMTOOL", packages: &["prometheus-alertmanager"] };

/// The server.
pub const REDIS: Tool = Tool { name: "redis-server", variable: "REDIS_SERVER", packages: &["redis-server"] };

/// Tells of a Redis.
pub const REDIS_EXPORTER: Tool = Tool {
    name: "prometheus-redis-exporter",
    variable: "REDIS_EXPORTER",
    packages: &["prometheus-redis-exporter"],
};

/// Tells of a PostgreSQL.
pub const POSTGRES_EXPORTER: Tool = Tool {
    name: "prometheus-postgres-exporter",
    variable: "POSTGRES_EXPORTER",
    packages: &["prometheus-postgres-exporter"],
};

impl Tool {
    /// The executable: the one that the environment names, the one on the path, or Debian's.
    ///
    /// # Panics
    ///
    /// Where there is none of them, with what to do about it.
    pub fn path(&self) -> PathBuf {
        self.installed().unwrap_or_else(|| {
            self.packaged(debian::extracted).unwrap_or_else(|reason| self.is_missing(&reason))
        })
    }

    /// The executable of a generation of Debian, whatever the machine has.
    ///
    /// # Panics
    ///
    /// Where it cannot be fetched, with what to do about it.
    pub fn of(&self, generation: Generation) -> PathBuf {
        self.packaged(|package| generation.extracted(package))
            .unwrap_or_else(|reason| panic!("{} of Debian {generation} is missing: {reason}", self.name))
    }

    /// The executable where the machine has it.
    pub fn installed(&self) -> Option<PathBuf> {
        self.named().or_else(|| self.on_path())
    }

    /// Says what to do about it.
    pub fn is_missing(&self, reason: &str) -> ! {
        let Self { name, variable, packages } = self;
        panic!(
            "{name} is missing: put it on PATH or name the executable in {variable}; Debian has it in the package {}, which \
             this test could not fetch\n{reason}",
            packages.join(" or "),
        )
    }

    fn named(&self) -> Option<PathBuf> {
        let path = PathBuf::from(env::var_os(self.variable)?);
        assert!(path.is_file(), "{} is `{}`, which is no file", self.variable, path.display());
        Some(path)
    }

    fn on_path(&self) -> Option<PathBuf> {
        let directories = env::var_os("PATH")?;
        env::split_paths(&directories).map(|directory| directory.join(self.name)).find(|path| path.is_file())
    }

    fn packaged(&self, extracted: impl Fn(&str) -> Result<PathBuf, String>) -> Result<PathBuf, String> {
        for package in self.packages {
            let path = extracted(package)?.join(Path::new("usr/bin")).join(self.name);
            if path.is_file() {
                return Ok(path);
            }
        }
        Err(format!("Debian's packages {:?} do not have it", self.packages))
    }
}
