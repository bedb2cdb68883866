// A starter adapter: it puts your validator behind the line protocol of sigconform.
//
// 1. Make a binary of your crate of it: as src/bin/validator.rs, with  cargo add base64 serde_json
// 2. Put your validator into validate, between the two marks.
// 3. Run the vectors:  cargo build --release --bin validator && sigconform run -- target/release/validator

use base64::{engine::general_purpose::STANDARD, Engine};
use serde_json::{json, Value};
use std::io::{self, BufRead, Write};

/// A request. What is None was absent, and absent is not empty.
#[allow(dead_code)]
struct Request {
    id: String,
    auth_token: String,
    method: String,
    url: String,                           // as it is configured at Twilio, with the query
    product: Option<String>,               // "voice", "messaging", or None: you are not told
    content_type: Option<String>,
    body: Vec<u8>,
    params: Option<Vec<(String, String)>>, // the decoded form; None where the request has no form
    signature: Option<String>,
    settings: Option<String>,              // X-Twilio-Webhooks-Signature-Settings, where a SharedKey signs (beta)
    shared_keys: Vec<(String, String)>,    // those that the application is configured with: id and secret
}

/// Why there is no verdict.
#[allow(dead_code)]
enum Failure {
    Unsupported(String), // your function cannot be given such a request: the vector is skipped
    Error(String),       // your application would answer with a 500
}

// ---- BEGIN your validator ------------------------------------------------------------------------
/// Returns whether the signature is right. A panic counts as an error.
fn validate(_request: &Request) -> Result<bool, Failure> {
    // Your own function, called as your application calls it:
    //
    //   if request.params.is_none() && !request.body.is_empty() {
    //       return Err(Failure::Unsupported("the application takes forms only".into()));
    //   }
    //   let params = request.params.as_deref().unwrap_or(&[]);
    //   Ok(my_crate::is_genuine(&request.auth_token, &request.url, params, request.signature.as_deref().unwrap_or("")))
    //
    // There is no official SDK for Rust. SharedKeys take two lines more, and the crates hmac and sha2:
    //
    //   let Some(secret) = secret_named_in(&request.settings, &request.shared_keys) else { return Ok(false) };
    //   let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()); // where the header says HMAC_SHA256
    Err(Failure::Error("put your validator into validate".into()))
}

/// What validate reads of a form; write "body" if it decodes the body itself.
const USED: &str = "params";
// ---- END your validator --------------------------------------------------------------------------

fn request_of(fields: &Value) -> Request {
    let text = |name: &str| fields[name].as_str().map(String::from);
    let word = |v: &Value| v.as_str().unwrap_or("").to_string();
    let pair = |p: &Value| (word(&p[0]), word(&p[1]));
    let key = |k: &Value| (word(&k["id"]), word(&k["secret"]));
    Request {
        id: text("id").unwrap_or_default(),
        auth_token: text("authToken").unwrap_or_default(),
        method: text("method").unwrap_or_default(),
        url: text("url").unwrap_or_default(),
        product: text("product"),
        content_type: text("contentType"),
        body: match text("bodyBase64") {
            Some(base64) => STANDARD.decode(base64).expect("bodyBase64 is Base64"),
            None => text("body").unwrap_or_default().into_bytes(),
        },
        params: fields["params"].as_array().map(|all| all.iter().map(pair).collect()),
        signature: text("signature"),
        settings: text("signatureSettings"),
        shared_keys: fields["sharedKeys"].as_array().into_iter().flatten().map(key).collect(),
    }
}

fn answer(request: &Request) -> Value {
    let verdict = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| validate(request)));
    match verdict {
        Ok(Ok(valid)) if request.params.is_some() => json!({"id": request.id, "valid": valid, "used": USED}),
        Ok(Ok(valid)) => json!({"id": request.id, "valid": valid}),
        Ok(Err(Failure::Unsupported(why))) => json!({"id": request.id, "unsupported": why}),
        Ok(Err(Failure::Error(why))) => json!({"id": request.id, "error": why}),
        Err(_) => json!({"id": request.id, "error": "it panicked"}),
    }
}

fn main() -> io::Result<()> {
    let mut out = io::stdout();
    for line in io::stdin().lock().lines() {
        let request = request_of(&serde_json::from_str(&line?)?);
        writeln!(out, "{}", answer(&request))?;
        out.flush()?;
    }
    Ok(())
}
