"""What the staff theme leaves out is put in, and an upgrade that moves it is noticed."""

import pytest
from django.http import HttpResponse
from django.template.loader import get_template
from django.test import RequestFactory

from merchant_protection.foundation.middleware import StaffLandmarks


@pytest.mark.parametrize("name", ["admin/base.html", "unfold/layouts/base_simple.html"])
def test_the_theme_still_has_the_wrapper_that_becomes_the_main_landmark(name):
    source = get_template(name).template.source

    assert source.count('<div id="main" ') == 1


def test_a_staff_page_gets_a_main_landmark_and_the_script_of_its_language(staff):
    page = b'<html lang="zh-hans"><body class="x"><div id="main" class="y"></div></body></html>'
    request = RequestFactory().get("/admin/")
    request.user = staff.user

    answer = StaffLandmarks(lambda _: HttpResponse(page))(request).content

    assert b'<div id="main" role="main"' in answer
    assert b'<html lang="zh-Hans"' in answer


def test_a_person_can_switch_the_single_keys_off(staff):
    staff.user.single_keys = False
    request = RequestFactory().get("/admin/")
    request.user = staff.user

    answer = StaffLandmarks(lambda _: HttpResponse(b'<body class="x">'))(request).content

    assert b'data-keys="off"' in answer


def test_other_pages_are_left_alone(staff):
    request = RequestFactory().get("/m/")
    request.user = staff.user

    answer = StaffLandmarks(lambda _: HttpResponse(b'<div id="main" class="y">'))(request).content

    assert answer == b'<div id="main" class="y">'
