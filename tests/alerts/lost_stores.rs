//! The stores of a mirror break down under it: what it says itself, and what their exporters say.

use std::thread;
use std::time::{Duration, Instant};

use tachograph_servers::exporter::Exporter;
use tachograph_servers::generation::Generation;
use tachograph_servers::postgres::Postgres;
use tachograph_servers::redis::Redis;
use tachograph_servers::target::temporary;
use tempfile::TempDir;

use crate::service::Service;
use crate::visitors::{Origin, Visitors};
use crate::watched::Watched;

/// What `for: 2m` and `keep_firing_for: 5m` are in a hurry.
const PENDING: Duration = Duration::from_secs(2);
const KEPT: Duration = Duration::from_secs(5);
/// What a window of 2 minutes is.
const WINDOW: Duration = Duration::from_secs(4);
/// How long an operation of the mirror waits for a connection to its database before it has failed.
const PATIENCE: Duration = Duration::from_secs(3);

/// A mirror that is watched together with its stores.
struct Stores {
    watched: Watched,
    redis_exporter: Exporter,
    _postgres_exporter: Exporter,
    _visitors: Visitors,
    _mirror: Service,
    redis: Redis,
    postgres: Postgres,
    // After the processes, which write into it.
    _data: TempDir,
}

impl Stores {
    fn start() -> Self {
        let (postgres, redis, data) = (Postgres::start(), Redis::start(), temporary());
        let variables = [("DATABASE_URL", postgres.url()), ("REDIS_URL", redis.url())];
        let mut mirror = Service::start("all", data.path(), None, &variables);
        let visitors = Visitors::start(mirror.api(), &Origin::start());
        let redis_exporter = Exporter::of_redis(Generation::Trixie, &redis);
        let postgres_exporter = Exporter::of_postgres(Generation::Trixie, &postgres);
        let others = [("redis", redis_exporter.address()), ("postgres", postgres_exporter.address())];
        let watched = Watched::start(mirror.metrics(), &others);
        let is_used =
            "increase(db_client_operation_duration_seconds_count{db_system_name=\"redis\"}[10s]) > 5";
        for query in ["redis_up == 1", "pg_up == 1", is_used] {
            watched.prometheus().until(query, |it| it.query(query).pop());
        }
        Self {
            watched,
            redis_exporter,
            _postgres_exporter: postgres_exporter,
            _visitors: visitors,
            _mirror: mirror,
            redis,
            postgres,
            _data: data,
        }
    }

    /// What the exporter says comes first: the program's own commands have succeeded a moment ago.
    fn lose_redis(&mut self) {
        let fault = Instant::now();
        self.redis.kill();
        self.watched.tells("RedisConnectionFailed", fault, PENDING);
        self.watched.tells("CacheUnreachable", fault, WINDOW + PENDING);

        let mended = Instant::now();
        self.redis.restart();
        self.watched.tells_the_end_of("RedisConnectionFailed", mended, KEPT);
        self.watched.tells_the_end_of("CacheUnreachable", mended, KEPT);
    }

    fn lose_postgres(&mut self) {
        let fault = Instant::now();
        self.postgres.kill();
        // Operations of before have to leave half of the window.
        self.watched.tells("DatabaseConnectionFailed", fault, PATIENCE + WINDOW / 2 + PENDING);

        let mended = Instant::now();
        self.postgres.restart();
        self.watched.tells_the_end_of("DatabaseConnectionFailed", mended, PATIENCE + WINDOW + KEPT);
    }

    /// While Redis is down its exporter goes down for a moment, and later for longer than the alert outlives its cause.
    fn lose_redis_and_who_tells_of_it(&mut self) {
        let fault = Instant::now();
        self.redis.kill();
        self.watched.tells("RedisConnectionFailed", fault, PENDING);

        self.redis_exporter.kill();
        self.unseen();
        self.redis_exporter.restart();
        self.watched.prometheus().until("told of Redis again", |it| it.query("redis_up == 0").pop());
        thread::sleep(KEPT);
        assert!(!self.watched.has_told_the_end_of("RedisConnectionFailed", fault), "Redis is still down");

        let unseen = Instant::now();
        self.redis_exporter.kill();
        self.unseen();
        assert!(!self.watched.has_told_the_end_of("RedisConnectionFailed", fault), "too early");
        self.watched.tells("ExporterDown", unseen, KEPT);
        thread::sleep(KEPT);
        assert!(!self.watched.has_told_the_end_of("RedisConnectionFailed", fault), "the last word holds");
        assert!(!self.watched.has_told_the_end_of("CacheUnreachable", fault), "the mirror still says it");

        self.redis.restart();
        let mended = Instant::now();
        self.redis_exporter.restart();
        self.watched.tells_the_end_of("RedisConnectionFailed", mended, KEPT);
    }

    /// Waits until Prometheus knows nothing of Redis, and has evaluated that.
    fn unseen(&self) {
        self.watched.prometheus().until("without Redis", |it| it.query("redis_up").is_empty().then_some(()));
        thread::sleep(Duration::from_secs(2));
    }
}

#[test]
fn the_loss_of_redis_and_of_postgres_and_of_who_tells_of_them() {
    let mut stores = Stores::start();
    stores.lose_redis();
    stores.lose_postgres();
    stores.lose_redis_and_who_tells_of_it();
}
