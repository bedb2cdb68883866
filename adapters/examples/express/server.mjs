// A webhook in Express with the middleware of Twilio's SDK, as its
// documentation shows it. TRUST_PROXY=1: there is a proxy in front, and its
// X-Forwarded-* headers hold.
import express from "express";
import twilio from "twilio";

const app = express();
app.set("trust proxy", process.env.TRUST_PROXY ? 1 : false);
app.use(express.urlencoded({ extended: false }));
app.use(express.json({ verify: (request, _, body) => { request.rawBody = body.toString(); } }));
app.all("/sms", twilio.webhook(), (request, response) => {
  const answer = new twilio.twiml.MessagingResponse();
  answer.message("Hello");
  response.type("text/xml").send(answer.toString());
});
app.listen(process.env.PORT, "127.0.0.1");
