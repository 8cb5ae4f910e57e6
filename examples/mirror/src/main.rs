//! A service that mirrors files: what tachograph makes of a program with an HTTP interface, a queue, workers, a
//! database and a cache. `cargo run` starts it with an origin and a load of its own.
//!
//! Read on in the order of the modules: it is the way of a file.

mod options;
mod error;
mod api;
mod queue;
mod worker;
mod download;
mod store;
mod digest;
mod inspect;
mod file;
mod catalog;
mod cache;
mod database;
mod row;
mod stop;
mod table;
mod origin;
mod load;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tachograph::{Console, Telemetry};
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use api::Api;
use catalog::Catalog;
use error::{Error, with_causes};
use options::{Command, Options, Role};
use origin::Origin;
use queue::Queue;
use stop::Stop;
use store::Store;
use table::Table;
use worker::{Tools, work_on_channel, work_on_table};

/// How long running jobs may take to finish once the service is to stop.
const GRACE: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    let options = match Command::parse(std::env::args_os().skip(1)) {
        Ok(Command::Run(options)) => options.in_environment(),
        Ok(Command::Help) => {
            table::print(options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("mirror: {error}; `mirror --help` lists the options");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mirror: {}", with_causes(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Error> {
    let telemetry = telemetry(options)?;
    let runtime = tokio::runtime::Runtime::new().map_err(Error::Runtime)?;
    let served = runtime.block_on(serve(options, &telemetry));
    // What still runs is dropped here and logs its end: only then is the log complete.
    drop(runtime);
    if let Err(error) = &served {
        error!("{}", with_causes(error));
    }
    telemetry.shutdown()?;
    served
}

/// Logs and metrics, as the environment says, with two wishes of our own: the console belongs to the table, and the
/// logs stand beside the rest of the data.
fn telemetry(options: &Options) -> Result<Telemetry, Error> {
    let mut builder = tachograph::builder(options.role.service());
    if std::env::var_os("LOG_CONSOLE").is_none() {
        builder = builder.console(Console::Off);
        // A panic would be printed across the table. The log has it, with the request that caused it.
        std::panic::set_hook(Box::new(|_| {}));
    }
    if std::env::var_os("LOG_DIR").is_none() {
        builder = builder.log_dir(options.data.join("logs"));
    }
    Ok(builder.install()?)
}

/// Starts the parts, from the last to be used to the first, and stops them the other way round.
async fn serve(options: &Options, telemetry: &Telemetry) -> Result<(), Error> {
    let table = Table::new();
    let stop = Stop::on_signal_or_after(options.run_for)?;
    let catalog = Arc::new(Catalog::open(options)?);
    let mut parts = JoinSet::new();
    let queue = start_workers(options, &catalog, &stop, &mut parts).await?;
    let api = match options.role {
        Role::Worker => None,
        Role::All | Role::Api => {
            let api = Api::new(Arc::clone(&catalog), queue);
            let (address, server) = api.listen(options.api, stop.clone()).await?;
            parts.spawn(server);
            Some(address)
        }
    };

    introduce(options, telemetry, api);
    info!(role = ?options.role, api = api.map(tracing::field::display), workers = options.workers, "mirror is up");
    let load = api.filter(|_| options.load).map(|api| tokio::spawn(load(api)));
    table.show(stop).await;

    info!("mirror is stopping");
    if let Some(load) = load {
        load.abort();
    }
    // The server ends when its last request is answered, and with it the last handle of the queue: then the workers
    // end with the last job.
    let ended = async { while parts.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, ended).await.is_err() {
        warn!(grace = ?GRACE, "jobs are still running and are cancelled");
        parts.shutdown().await;
    }
    if !options.has_shared_queue() {
        catalog.interrupt().await?;
    }
    catalog.close().await;
    table.show_total();
    Ok(())
}

/// Starts who works in this process, on the jobs of this process or on those that all processes share.
async fn start_workers(
    options: &Options,
    catalog: &Arc<Catalog>,
    stop: &Stop,
    parts: &mut JoinSet<()>,
) -> Result<Queue, Error> {
    if options.role == Role::Api {
        return Ok(Queue::Table);
    }
    let tools = Tools::new(Store::open(&options.data).await?, Arc::clone(catalog))?;
    if !options.has_shared_queue() {
        // What an earlier process left unfinished, it was not able to say itself.
        catalog.interrupt().await?;
        let (sender, jobs) = tachograph::workers::channel(queue::NAME, 64);
        parts.spawn(work_on_channel(tools, jobs, options.workers));
        return Ok(Queue::Channel(sender));
    }
    parts.spawn(work_on_table(tools, options.workers, stop.clone()));
    Ok(Queue::Table)
}

/// Visitors for the interface, and an origin for what they order.
async fn load(api: SocketAddr) {
    match Origin::start().await {
        Ok(origin) => load::run(api, origin.address()).await,
        Err(error) => error!("{}", with_causes(&error)),
    }
}

fn introduce(options: &Options, telemetry: &Telemetry, api: Option<SocketAddr>) {
    let metrics = match (telemetry.metrics_addr(), telemetry.metrics_socket()) {
        (Some(address), _) => format!("http://{address}/metrics"),
        (None, Some(path)) => format!("/metrics on the socket {}", path.display()),
        (None, None) => "off".to_owned(),
    };
    let api =
        api.map_or_else(|| "in another process".to_owned(), |address| format!("http://{address}/files"));
    table::print(&format!(
        "mirror is up; Ctrl-C stops it\n  api      {api}\n  metrics  {metrics}\n  logs     {}\n  files    {}\n",
        telemetry.log_dir().join(format!("{}*.log", options.role.service())).display(),
        options.data.join("files").display(),
    ));
}
