//! Requests of reqwest.

use reqwest::{Error, RequestBuilder, Response};

use super::client_metrics::{Ended, Outgoing};
use super::headers;

/// Sends a request with the id and the trace of the current request, and measures it, as a
/// [`ClientLayer`](super::ClientLayer) does.
///
/// ```no_run
/// # async fn order() -> Result<(), reqwest::Error> {
/// let client = reqwest::Client::new();
/// let response = tachograph::http::send(client.get("http://stock.internal/items/17")).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Those of [`RequestBuilder::send`].
pub async fn send(request: RequestBuilder) -> Result<Response, Error> {
    let (client, request) = request.build_split();
    let mut request = request?;
    headers::inject(request.headers_mut());
    let outgoing = Outgoing::begin(request.method(), request.url().host_str());
    let response = client.execute(request).await;
    outgoing.end(match &response {
        Ok(response) => Ended::Answered(response.status()),
        Err(error) if error.is_timeout() => Ended::TimedOut,
        Err(error) if error.is_connect() => Ended::NotConnected,
        Err(error) => Ended::by_error(error),
    });
    response
}
