//! Jobs of whichever process, from the table of files, by a worker of apalis.
//!
//! A job is claimed for the time of a lease. Where its worker is gone, or the database before it could say how the job ended, another
//! worker claims it when the lease is over: a job is done at least once, and nothing is lost.

use std::sync::Arc;
use std::time::Duration;

use apalis::layers::WorkerBuilderExt;
use apalis::prelude::{BoxDynError, Data, Task, TaskBuilder, WorkerBuilder};
use apalis_core::backend::custom::BackendBuilder;
use futures_util::{FutureExt, SinkExt, StreamExt, sink, stream};
use tachograph::workers;
use tachograph::workers::apalis::WorkerLayer;
use tracing::{error, warn};

use super::Tools;
use crate::catalog::Catalog;
use crate::error::{Error, with_causes};
use crate::queue::{Job, NAME, TASK};
use crate::stop::Stop;

/// How long a worker has for a job: several times the longest download.
const LEASE: Duration = Duration::from_secs(10);
/// How often it looks for one.
const PACE: Duration = Duration::from_millis(100);
/// How long it leaves a database alone that does not answer.
const RESPITE: Duration = Duration::from_millis(500);

/// Works until `stop`, and sees through what is begun then.
pub(crate) fn work_on_table(tools: Tools, at_a_time: usize, stop: Stop) -> impl Future<Output = ()> + Send {
    let catalog = Arc::clone(&tools.catalog);
    let backend = BackendBuilder::new()
        .database(Arc::clone(&catalog))
        .fetcher(|catalog: &mut Arc<Catalog>, _, _| jobs(Arc::clone(catalog)).boxed())
        // Jobs come into the table with the file, from the interface.
        .sink(|_, _| sink::drain::<Task<Arc<Job>>>().sink_map_err(BoxDynError::from))
        .build()
        .expect("all parts are given");
    let worker = WorkerBuilder::new("mirror")
        .backend(backend)
        .data(Arc::new(tools))
        .catch_panic()
        .concurrency(at_a_time)
        // Last, which is innermost: a panic is still one there.
        .layer(WorkerLayer::new(NAME).task(TASK))
        .build(work);
    let stopped = async {
        stop.requested().await;
        Ok::<_, std::io::Error>(())
    };
    let worker = worker.run_until(stopped).boxed();
    async move {
        tokio::select! {
            ended = worker => if let Err(error) = ended {
                error!("{}", with_causes(&error));
            },
            () = workers::Queue::new(NAME).watch_depth(|| depth(Arc::clone(&catalog))) => {}
        }
    }
}

/// How many files wait, where the database tells it.
async fn depth(catalog: Arc<Catalog>) -> Option<u64> {
    catalog.queued().await.ok()
}

async fn work(job: Arc<Job>, tools: Data<Arc<Tools>>) -> Result<(), Error> {
    tools.work(&job).await
}

/// The jobs that this process claims, each when the one before is begun.
fn jobs(
    catalog: Arc<Catalog>,
) -> impl futures_util::Stream<Item = Result<Option<Task<Arc<Job>>>, BoxDynError>> + Send {
    stream::unfold(catalog, |catalog| async move {
        let job = next(&catalog).await;
        // Its context goes with it as it would through any broker.
        let task =
            TaskBuilder::new(()).metadata(&job.context).attempt(job.attempt.unsigned_abs() as usize - 1);
        let task = task.map_args(|()| Arc::new(job)).build();
        Some((Ok(Some(task)), catalog))
    })
}

async fn next(catalog: &Catalog) -> Job {
    loop {
        match catalog.claim(LEASE).await {
            Ok(Some(job)) => return job,
            Ok(None) => tokio::time::sleep(PACE).await,
            Err(error) => {
                warn!("no job to be had: {}", with_causes(&error));
                tokio::time::sleep(RESPITE).await;
            }
        }
    }
}
