# A webhook in Django with the validator of Twilio's SDK, in a decorator as Twilio's
# tutorial has it: request.POST is signed, whatever the content type. gunicorn serves it.
import functools
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, HttpResponseForbidden
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from twilio.request_validator import RequestValidator

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="of an example",
    USE_X_FORWARDED_HOST=bool(os.environ.get("TRUST_PROXY")),
)


def signed(view):
    @functools.wraps(view)
    def checked(request):
        validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
        signature = request.META.get("HTTP_X_TWILIO_SIGNATURE", "")
        if not validator.validate(request.build_absolute_uri(), request.POST, signature):
            return HttpResponseForbidden()
        return view(request)

    return checked


@csrf_exempt
@signed
def sms(request):
    return HttpResponse("<Response><Message>Hello</Message></Response>", content_type="text/xml")


urlpatterns = [path("sms", sms)]
application = get_wsgi_application()
