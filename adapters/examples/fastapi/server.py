# A webhook in FastAPI with the validator of Twilio's SDK, as Twilio's tutorial has it:
# what request.form() gives is signed, and the fields that the function names must be there.
import os

import uvicorn
from fastapi import FastAPI, Form, HTTPException, Request, Response
from twilio.request_validator import RequestValidator

app = FastAPI()


@app.post("/sms")
async def sms(request: Request, From: str = Form(...), Body: str = Form(...)):
    validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
    form = await request.form()
    if not validator.validate(str(request.url), form, request.headers.get("X-Twilio-Signature", "")):
        raise HTTPException(status_code=400, detail="wrong signature")
    return Response("<Response><Message>Hello</Message></Response>", media_type="application/xml")


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
