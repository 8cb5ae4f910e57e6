//! What a program sees of its commands to a real Redis.

use std::collections::HashMap;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use redis::{AsyncCommands, AsyncConnectionConfig, Client, Cmd, Commands, RedisResult, Value, cmd, pipe};
use tachograph::cache::Redis as Measured;

use tachograph_servers::process::PATIENCE;
use tachograph_servers::redis::Redis;

use crate::it::telemetry::{telemetry, value};

/// Part of all keys and values here, and of nothing on the page.
const SECRET: &str = "correct-horse";

fn key(name: &str) -> String {
    format!("{SECRET}:{name}")
}

/// How many commands of a name ended in one way.
fn count(cache: &str, command: &str, error: &str) -> f64 {
    let names = format!("db_client_connection_pool_name=\"{cache}\",db_operation_name=\"{command}\"");
    let labels = format!("{names},db_system_name=\"redis\",error_type=\"{error}\"");
    value(telemetry(), &format!("db_client_operation_duration_seconds_count{{{labels}}}"))
}

fn requests(cache: &str) -> [f64; 2] {
    ["hit", "miss"].map(|result| {
        value(telemetry(), &format!("cache_requests_total{{cache=\"{cache}\",result=\"{result}\"}}"))
    })
}

fn connection_failures(cache: &str) -> f64 {
    value(telemetry(), &format!("cache_connection_failures_total{{cache=\"{cache}\"}}"))
}

async fn connect(name: &'static str, url: &str) -> Measured<MultiplexedConnection> {
    telemetry();
    let client = Client::open(url).unwrap();
    // By default half a second, which a busy machine may take for anything.
    let patient =
        AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(Some(PATIENCE));
    Measured::connected(name, client.get_multiplexed_async_connection_with_config(&patient).await).unwrap()
}

async fn sent(redis: &mut Measured<MultiplexedConnection>, command: &Cmd) -> RedisResult<Value> {
    command.query_async(redis).await
}

#[tokio::test]
async fn each_command_that_redis_has_is_known_by_its_name() {
    let server = Redis::start();
    let mut redis = connect("names", &server.url()).await;
    let names: Vec<String> = cmd("COMMAND").arg("LIST").query_async(redis.get_mut()).await.unwrap();
    assert!(names.len() > 200, "{names:?}");
    // Within a transaction they are looked at, and not carried out, but for these.
    sent(&mut redis, &cmd("MULTI")).await.unwrap();
    let carried_out = ["multi", "exec", "discard", "quit", "reset"];
    let names = names.iter().filter(|name| !name.contains('|') && !carried_out.contains(&name.as_str()));
    for name in names {
        let _ = sent(&mut redis, &cmd(name)).await;
        let name = name.to_uppercase();
        assert_eq!(count("names", &name, "") + count("names", &name, "other"), 1.0, "{name}");
    }
    sent(&mut redis, &cmd("DISCARD")).await.unwrap();
    assert_eq!(requests("names"), [0.0, 0.0]);

    assert!(sent(&mut redis, cmd(SECRET).arg(SECRET)).await.is_err());
    assert_eq!(count("names", "_OTHER", "other"), 1.0);
    assert!(!telemetry().render().contains(SECRET));
}

#[tokio::test]
async fn what_was_there_and_what_was_not_is_counted_in_both_protocols() {
    let server = Redis::start();
    for (cache, url) in [("resp2", server.url()), ("resp3", format!("{}?protocol=resp3", server.url()))] {
        let mut redis = connect(cache, &url).await;
        assert_eq!(requests(cache), [0.0, 0.0]);
        let () = cmd("FLUSHALL").query_async(&mut redis).await.unwrap();
        let (one, two, hash) = (key("one"), key("two"), key("hash"));
        assert_eq!(redis.get::<_, Option<String>>(&one).await, Ok(None));
        let () = redis.set(&one, SECRET).await.unwrap();
        assert_eq!(redis.get::<_, String>(&one).await.unwrap(), SECRET);
        assert_eq!(requests(cache), [1.0, 1.0]);

        let found: Vec<Option<String>> = redis.mget(&[&one, &two, &two]).await.unwrap();
        assert_eq!((found.len(), requests(cache)), (3, [2.0, 3.0]));
        assert_eq!(redis.hgetall::<_, HashMap<String, String>>(&hash).await.unwrap().len(), 0);
        let () = redis.hset(&hash, "name", SECRET).await.unwrap();
        assert_eq!(redis.hget::<_, _, String>(&hash, "name").await.unwrap(), SECRET);
        assert_eq!(redis.hgetall::<_, HashMap<String, String>>(&hash).await.unwrap().len(), 1);
        let _: Vec<Option<String>> = redis.hmget(&hash, &["name", "none"]).await.unwrap();
        assert_eq!(requests(cache), [5.0, 5.0]);

        let _: Option<String> = redis.get_del(&one).await.unwrap();
        let _: Option<String> = redis.get_del(&one).await.unwrap();
        let _: bool = redis.exists(&one).await.unwrap();
        assert_eq!(requests(cache), [6.0, 6.0]);
        assert_eq!(
            [count(cache, "GET", ""), count(cache, "MGET", ""), count(cache, "GETDEL", "")],
            [2.0, 1.0, 2.0]
        );
        assert_eq!(connection_failures(cache), 0.0);
    }
    assert!(!telemetry().render().contains(SECRET));
}

#[tokio::test]
async fn a_pipeline_is_one_operation_and_its_values_are_counted() {
    let server = Redis::start();
    let mut redis = connect("pipelines", &server.url()).await;
    for (name, is_transaction) in [("PIPELINE", false), ("MULTI", true)] {
        let mut several = pipe();
        if is_transaction {
            several.atomic();
        }
        several.set(key(name), SECRET).ignore().get(key(name)).get(key("none"));
        let before = requests("pipelines");
        let found: (String, Option<String>) = several.query_async(&mut redis).await.unwrap();
        assert_eq!(found, (SECRET.to_owned(), None));
        assert_eq!(requests("pipelines"), before.map(|count| count + 1.0));
        assert_eq!(count("pipelines", name, ""), 1.0);

        // One of the two fails, and what the other one read is there all the same.
        several.clear();
        several.lpush(key(name), 1).get(key(name));
        assert!(several.query_async::<Value>(&mut redis).await.is_err());
        assert_eq!(count("pipelines", name, "wrong_type"), 1.0);
        assert_eq!(requests("pipelines")[0], before[0] + 2.0);
    }
    assert_eq!((count("pipelines", "GET", ""), count("pipelines", "SET", "")), (0.0, 0.0));
}

#[tokio::test]
async fn errors_of_the_server_are_told_apart() {
    let server = Redis::start_with(&["--busy-reply-threshold", "50"]);
    let mut redis = connect("errors", &server.url()).await;
    let () = redis.set(key("text"), SECRET).await.unwrap();
    assert!(redis.lpush::<_, _, ()>(key("text"), 1).await.is_err());
    assert_eq!(count("errors", "LPUSH", "wrong_type"), 1.0);

    let () = cmd("ACL")
        .arg(&["SETUSER", "weak", "on", "nopass", "~*", "+get"])
        .query_async(&mut redis)
        .await
        .unwrap();
    let () = cmd("AUTH").arg(&["weak", ""]).query_async(&mut redis).await.unwrap();
    assert!(redis.del::<_, ()>(key("text")).await.is_err());
    assert!(sent(&mut redis, cmd("AUTH").arg(&["weaker", SECRET])).await.is_err());
    assert_eq!((count("errors", "DEL", "auth"), count("errors", "AUTH", "auth")), (1.0, 1.0));

    let mut redis = connect("errors", &server.url()).await;
    let limit = async |redis: &mut Measured<MultiplexedConnection>, bytes: u32| {
        sent(redis, cmd("CONFIG").arg("SET").arg("maxmemory").arg(bytes)).await.unwrap();
    };
    limit(&mut redis, 1).await;
    assert!(redis.set::<_, _, ()>(key("more"), SECRET).await.is_err());
    assert_eq!(count("errors", "SET", "out_of_memory"), 1.0);
    let aborted = pipe().atomic().set(key("more"), SECRET).exec_async(&mut redis).await;
    assert!(aborted.is_err());
    assert_eq!(count("errors", "MULTI", "out_of_memory"), 1.0);
    limit(&mut redis, 0).await;

    let mut other = connect("errors", &server.url()).await;
    let endless =
        tokio::spawn(async move { sent(&mut other, cmd("EVAL").arg("while true do end").arg(0)).await });
    let busy = async {
        while count("errors", "PING", "busy") == 0.0 {
            let _ = sent(&mut redis, &cmd("PING")).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, busy).await.unwrap();
    sent(&mut redis, cmd("SCRIPT").arg("KILL")).await.unwrap();
    assert!(endless.await.unwrap().is_err());
    assert_eq!(count("errors", "EVAL", "other"), 1.0);

    sent(&mut redis, cmd("REPLICAOF").arg(&["127.0.0.1", "1"])).await.unwrap();
    assert!(redis.set::<_, _, ()>(key("text"), 1).await.is_err());
    assert_eq!(count("errors", "SET", "read_only"), 1.0);
    assert_eq!(connection_failures("errors"), 0.0);
    assert!(!telemetry().render().contains(SECRET));
}

#[tokio::test]
async fn who_may_not_ask_is_told_apart_and_who_cannot_log_in_has_no_connection() {
    let server = Redis::start_with(&["--requirepass", SECRET]);
    let mut redis = connect("guarded", &server.url()).await;
    assert!(redis.get::<_, Option<String>>(key("text")).await.is_err());
    assert_eq!((count("guarded", "GET", "auth"), requests("guarded")), (1.0, [0.0, 0.0]));
    assert_eq!(connection_failures("guarded"), 0.0);
    let client = Client::open(server.url().replace("//", "//:wrong@")).unwrap();
    assert!(Measured::connected("guarded", client.get_multiplexed_async_connection().await).is_err());
    assert_eq!(connection_failures("guarded"), 1.0);
}

#[tokio::test]
async fn a_node_without_the_key_is_told_apart() {
    let server = Redis::start_with(&["--cluster-enabled", "yes"]);
    let mut redis = connect("cluster", &server.url()).await;
    assert!(redis.get::<_, Option<String>>(key("text")).await.is_err());
    assert_eq!(count("cluster", "GET", "cluster"), 1.0);
}

#[tokio::test]
async fn a_command_that_nobody_waits_for_any_more_is_cancelled_and_one_that_takes_too_long_timed_out() {
    let server = Redis::start();
    let mut redis = connect("slow", &server.url()).await;
    let wait = async |redis: &mut Measured<MultiplexedConnection>| {
        sent(redis, cmd("BLPOP").arg(key("list")).arg(0)).await
    };
    assert!(tokio::time::timeout(Duration::from_millis(50), wait(&mut redis)).await.is_err());
    assert_eq!(count("slow", "BLPOP", "cancelled"), 1.0);
    drop(redis.get::<_, Option<String>>(key("text")));
    assert_eq!(count("slow", "GET", "cancelled"), 0.0, "what is never polled was never sent");

    let client = Client::open(server.url()).unwrap();
    let config = AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_millis(50)));
    let connection = client.get_multiplexed_async_connection_with_config(&config).await.unwrap();
    assert!(wait(&mut Measured::new("slow", connection)).await.is_err());
    assert_eq!((count("slow", "BLPOP", "timeout"), connection_failures("slow")), (1.0, 0.0));
}

#[tokio::test]
async fn a_redis_that_is_killed_is_a_connection_failure_until_it_is_there_again() {
    let mut server = Redis::start_with(&["--appendonly", "yes", "--appendfsync", "always"]);
    let client = Client::open(server.url()).unwrap();
    let config = ConnectionManagerConfig::new().set_number_of_retries(0).set_response_timeout(None);
    let config = config.set_connection_timeout(Some(PATIENCE));
    telemetry();
    let manager = ConnectionManager::new_with_config(client.clone(), config).await;
    let mut redis = Measured::connected("killed", manager).unwrap();
    let mut clone = redis.clone();
    let () = redis.set(key("text"), SECRET).await.unwrap();

    server.kill();
    for failures in 1..=5 {
        assert!(clone.get::<_, Option<String>>(key("text")).await.is_err());
        assert_eq!(
            (connection_failures("killed"), count("killed", "GET", "connection")),
            (f64::from(failures), f64::from(failures))
        );
    }
    let attempt = client.get_multiplexed_async_connection().await;
    assert!(Measured::connected("killed", attempt).is_err());
    assert_eq!(connection_failures("killed"), 6.0);
    assert_eq!(requests("killed"), [0.0, 0.0]);

    server.restart();
    let recovered =
        async { while redis.get::<_, Option<String>>(key("text")).await != Ok(Some(SECRET.to_owned())) {} };
    tokio::time::timeout(PATIENCE, recovered).await.unwrap();
    assert_eq!((requests("killed"), count("killed", "GET", "")), ([1.0, 0.0], 1.0));
    assert!(!telemetry().render().contains(SECRET));
}

#[test]
fn a_synchronous_connection_is_measured_as_well() {
    let mut server = Redis::start();
    telemetry();
    let client = Client::open(server.url()).unwrap();
    let mut redis = Measured::connected("synchronous", client.get_connection()).unwrap();
    let () = redis.set(key("text"), SECRET).unwrap();
    let found: Vec<Option<String>> = redis.mget(&[key("text"), key("none")]).unwrap();
    assert_eq!((found.len(), requests("synchronous")), (2, [1.0, 1.0]));

    let several = |is_transaction: bool| {
        let mut several = pipe();
        if is_transaction {
            several.atomic();
        }
        several.get(key("text")).get(key("none")).clone()
    };
    let _: (String, Option<String>) = several(false).query(&mut redis).unwrap();
    let _: (String, Option<String>) = several(true).query(&mut redis).unwrap();
    assert_eq!(requests("synchronous"), [3.0, 3.0]);
    let keys: Vec<String> = redis.scan().unwrap().collect::<RedisResult<_>>().unwrap();
    assert_eq!(keys, [key("text")]);
    for name in ["SET", "MGET", "PIPELINE", "MULTI", "SCAN"] {
        assert_eq!(count("synchronous", name, ""), 1.0, "{name}");
    }

    server.kill();
    assert!(redis.get::<_, Option<String>>(key("text")).is_err());
    assert_eq!((connection_failures("synchronous"), count("synchronous", "GET", "connection")), (1.0, 1.0));
}
