//! Puts the crate twilio behind the validator protocol: `Client::parse_request` gets the request as
//! hyper hands it to a server, with the path and the query as its target.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};

use base64::Engine;
use hyper::{Body, Request};
use serde_json::{json, Value};
use twilio::{Client, FromMap, TwilioError};

/// What the parameters are made into, if the request is genuine: nothing is asked of them.
struct Anything;

impl FromMap for Anything {
    fn from_map(_: BTreeMap<String, String>) -> Result<Box<Self>, TwilioError> {
        Ok(Box::new(Anything))
    }
}

async fn answer(asked: &Value, clients: &mut BTreeMap<String, Client>) -> Value {
    let text = |name: &str| asked[name].as_str();
    let url = text("url").unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return json!({"unsupported": "there is no such request"});
    };
    if scheme != "http" && scheme != "https" {
        return json!({"unsupported": "a server of hyper takes http and https"});
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, target) = rest.split_at(end);
    let target = target.split('#').next().unwrap_or_default(); // no client sends a fragment
    if host.contains('@') {
        return json!({"unsupported": "no client sends user and password in a target"});
    }
    let target = if target.starts_with('/') { target.to_string() } else { format!("/{target}") };
    let body = match text("bodyBase64") {
        Some(encoded) => base64::engine::general_purpose::STANDARD.decode(encoded).unwrap_or_default(),
        None => text("body").unwrap_or_default().as_bytes().to_vec(),
    };
    let mut request = Request::builder().method(text("method").unwrap_or_default()).uri(target).header("Host", host);
    for (field, name) in [("contentType", "Content-Type"), ("signature", "X-Twilio-Signature")] {
        if let Some(value) = text(field) {
            request = request.header(name, value.as_bytes());
        }
    }
    let request = match request.body(Body::from(body)) {
        Ok(request) => request,
        Err(refused) => return json!({"unsupported": format!("hyper answers 400: {refused}")}),
    };
    // A client reads the certificates of the system, which takes its time: there is one for each token.
    let token = text("authToken").unwrap_or_default();
    let client = clients.entry(token.to_string()).or_insert_with(|| Client::new("AC", token));
    // respond_to_webhook answers every error with 400.
    json!({"valid": client.parse_request::<Anything>(request).await.is_ok()})
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut clients = BTreeMap::new();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let mut answered = runtime.block_on(answer(&asked, &mut clients));
        answered["id"] = asked["id"].clone();
        writeln!(out, "{answered}")?;
        out.flush()?;
    }
    Ok(())
}
