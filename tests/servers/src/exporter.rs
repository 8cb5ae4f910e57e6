//! Real exporters, which tell Prometheus of a Redis or of a PostgreSQL.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::generation::Generation;
use crate::http;
use crate::postgres::Postgres;
use crate::process::{PATIENCE, Process};
use crate::redis::{Redis, free_port};
use crate::tool::{POSTGRES_EXPORTER, REDIS_EXPORTER, Tool};

/// What leaves a scrape of PostgreSQL short: whether it is there, and what its clients do.
const FEW: [&str; 2] = ["--disable-settings-metrics", "--no-collector.stat_user_tables"];

/// An exporter on a port of its own. It runs on when what it tells of is down: that is what it is for.
pub struct Exporter {
    process: Option<Process>,
    tool: &'static Tool,
    generation: Generation,
    options: &'static [&'static str],
    /// Names what it tells of.
    variable: (&'static str, String),
    address: SocketAddr,
}

impl Exporter {
    /// Starts one that tells of a Redis.
    pub fn of_redis(generation: Generation, redis: &Redis) -> Self {
        Self::start(&REDIS_EXPORTER, generation, &[], ("REDIS_ADDR", redis.url()))
    }

    /// Starts one that tells of a PostgreSQL.
    pub fn of_postgres(generation: Generation, postgres: &Postgres) -> Self {
        let url = format!("{}?sslmode=disable", postgres.url());
        Self::start(&POSTGRES_EXPORTER, generation, &FEW, ("DATA_SOURCE_NAME", url))
    }

    /// Where its metrics are.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it in the middle of whatever it does.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal(libc::SIGKILL);
        }
    }

    /// Starts it again at the same address, and waits until it answers.
    pub fn restart(&mut self) {
        self.kill();
        let mut command = Command::new(self.tool.of(self.generation));
        command.arg(format!("--web.listen-address={}", self.address));
        command.args(self.options);
        command.env_clear().env(self.variable.0, &self.variable.1);
        self.process = Some(Process::start("exporter", &mut command));
        let deadline = Instant::now() + PATIENCE;
        while !http::get(self.address, "/metrics").is_ok_and(|answer| answer.status == 200) {
            assert!(Instant::now() < deadline, "the exporter did not answer within {PATIENCE:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn start(
        tool: &'static Tool,
        generation: Generation,
        options: &'static [&'static str],
        variable: (&'static str, String),
    ) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let mut exporter = Self { process: None, tool, generation, options, variable, address };
        exporter.restart();
        exporter
    }
}
