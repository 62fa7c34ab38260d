"""The post office: hands a mail to Django's mail backend."""

from django.core.mail import EmailMultiAlternatives


def send(*, recipient: str, subject: str, text: str, html: str) -> None:
    """Send one mail with a text and an HTML part; raises what the backend raises."""
    message = EmailMultiAlternatives(subject=subject, body=text, to=[recipient])
    message.attach_alternative(html, "text/html")
    message.send()
