//! What is known of a file that was ordered.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) id: i64,
    pub(crate) url: String,
    /// The request that ordered it.
    pub(crate) request_id: Option<String>,
    #[serde(flatten)]
    pub(crate) state: State,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub(crate) enum State {
    Queued,
    Running,
    Done {
        size: u64,
        sha256: Digest,
        kind: String,
    },
    Failed {
        error: String,
    },
    /// The service ended first.
    Interrupted,
}

impl State {
    /// Whether it will stay as it is.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Failed { .. } | Self::Interrupted)
    }
}
