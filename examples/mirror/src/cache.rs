//! Finished files, the most used ones: in a Redis that all processes share, or in memory.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, UnitWeighter};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client};
use tachograph::cache::{self, Eviction};
use tachograph::timed;
use tracing::warn;

use crate::error::{Error, with_causes};
use crate::file::File;

/// What the cache is called in metrics.
const NAME: &str = "files";

/// How many files the memory holds.
const FILES: usize = 1_000;
/// How long a Redis holds one, in seconds.
const HOLD: u64 = 3_600;
/// How long it may take: the database is no further away.
const PATIENCE: Duration = Duration::from_millis(500);

pub(crate) enum Cache {
    Memory(Memory),
    Redis(cache::Redis<ConnectionManager>),
}

pub(crate) struct Memory {
    files: quick_cache::sync::Cache<i64, Arc<File>, UnitWeighter, DefaultHashBuilder, Evicted>,
    metrics: cache::Cache,
}

/// Counts what the memory gives up.
#[derive(Clone)]
struct Evicted(cache::Cache);

impl Lifecycle<i64, Arc<File>> for Evicted {
    type RequestState = ();

    fn on_evict(&self, _: &mut (), _: i64, _: Arc<File>) {
        self.0.evicted(Eviction::Size);
    }
}

impl Cache {
    /// The Redis that `url` names, which need not be there yet, else memory.
    pub(crate) fn open(url: Option<&str>) -> Result<Self, Error> {
        match url {
            Some(url) => Ok(Self::Redis(redis(url)?)),
            None => Ok(Self::Memory(Memory::new())),
        }
    }

    #[timed(name = "cache_get", component = "cache")]
    pub(crate) async fn get(&self, id: i64) -> Option<Arc<File>> {
        match self {
            Self::Memory(memory) => memory.metrics.get(|| memory.files.get(&id)),
            Self::Redis(redis) => {
                let text: redis::RedisResult<Option<String>> = redis.clone().get(key(id)).await;
                let text = text.unwrap_or_else(|error| missed(&error))?;
                serde_json::from_str(&text).unwrap_or_else(|error| missed(&error))
            }
        }
    }

    #[timed(name = "cache_put", component = "cache")]
    pub(crate) async fn put(&self, file: Arc<File>) {
        match self {
            Self::Memory(memory) => memory.metrics.insert(|| memory.files.insert(file.id, file)),
            Self::Redis(redis) => {
                let Ok(text) = serde_json::to_string(&file) else { return };
                let put: redis::RedisResult<()> = redis.clone().set_ex(key(file.id), text, HOLD).await;
                put.unwrap_or_else(|error| {
                    missed::<()>(&error);
                });
            }
        }
    }
}

impl Memory {
    fn new() -> Self {
        let metrics = cache::Cache::new(NAME);
        let options =
            OptionsBuilder::new().estimated_items_capacity(FILES).weight_capacity(FILES as u64).build();
        let files = quick_cache::sync::Cache::with_options(
            options.expect("both capacities are given"),
            UnitWeighter,
            DefaultHashBuilder::default(),
            Evicted(metrics),
        );
        Self { files, metrics }
    }
}

fn redis(url: &str) -> Result<cache::Redis<ConnectionManager>, Error> {
    let client = Client::open(url).map_err(Error::RedisUrl)?;
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE))
        .set_number_of_retries(1);
    let manager = ConnectionManager::new_lazy_with_config(client, config).map_err(Error::RedisUrl)?;
    Ok(cache::Redis::new(NAME, manager))
}

fn key(id: i64) -> String {
    format!("mirror:file:{id}")
}

/// A cache that fails is one that has nothing: the database has it all.
fn missed<T>(error: &dyn std::error::Error) -> Option<T> {
    warn!("the cache is of no use: {}", with_causes(error));
    None
}
