"""A catalogue as large as wanted, with learners in it, written set by set: rows as the services write them."""

from datetime import UTC, datetime

import psycopg

LESSONS, SHARE_OF_COURSES = 4, 100
FIRST = 1_000_000  # the first number of everything made here, so that it stands apart
COURSES = """
INSERT INTO training_course (id, code, title, summary, teacher, area, level, audience, languages, prerequisites,
  minutes, lesson_count, cover, feature, certificate_months, grams, words, created_at, published_id, published_at,
  first_published_at)
SELECT %(first)s + n, 'bulk-' || n, jsonb_build_object('zh', '识别恶意索赔第' || n || '课', 'en', 'Course ' || n),
  '{"zh": "要点", "en": "What matters"}', '{}', (ARRAY['PRICE_GUARD', 'CLAIMS', 'SCALPERS', 'COMPLIANCE', 'QUALITY',
  'GENERAL'])[1 + n %% 6], (ARRAY['BASIC', 'INTERMEDIATE', 'ADVANCED'])[1 + n %% 3], '{}', ARRAY['zh', 'en'], '{}', 12,
  4, 'school', '', NULL, ARRAY['识', '别', '恶', '意', '索', '赔', '第', '课', '识别', '别恶', '恶意',
  '意索', '索赔', '赔第', 'co', 'ou', 'ur', 'rs', 'se'] ||
  ARRAY(SELECT substr(n::text, at, 2) FROM generate_series(1, length(n::text)) AS at),
  '识别恶意索赔第' || n || '课 course ' || n, %(now)s, %(first)s + n, %(now)s - n * interval '1 minute',
  %(now)s - n * interval '1 minute'
FROM generate_series(1, %(courses)s) AS n
"""
VERSIONS = """
INSERT INTO training_courseversion (id, course_id, number, status, title, summary, teacher, area, level, audience,
  languages, prerequisites, minutes, lesson_count, cover, feature, change_note, edited, created_at, published_at)
SELECT id, id, 1, 'PUBLISHED', title, summary, teacher, area, level, audience, languages, prerequisites, minutes,
  lesson_count, cover, feature, '{}', 1, created_at, published_at
FROM training_course WHERE id > %(first)s
"""
MODULES = """
INSERT INTO training_module (id, version_id, code, title, position)
SELECT id, id, 'only', '{"zh": "全部", "en": "All of it"}', 0 FROM training_courseversion WHERE id > %(first)s
"""
LESSONS_OF = """
INSERT INTO training_lesson (id, version_id, module_id, code, kind, title, minutes, position, body, video, threshold,
  captions, file, digest)
SELECT %(first)s + (id - %(first)s) * %(lessons)s + n, id, id, 'l' || n, 'ARTICLE', '{"zh": "一课", "en": "A lesson"}',
  3, n, '{"zh": "要点", "en": "What matters."}', '', 90, '{}', '{}', 'd' || n
FROM training_courseversion, generate_series(0, %(lessons)s - 1) AS n WHERE id > %(first)s
"""
SHOPS = """
INSERT INTO accounts_merchant SELECT (jsonb_populate_record(m, jsonb_build_object('id', %(first)s + n,
  'code', 'bulk-' || n, 'name', 'Bulk ' || n))).* FROM accounts_merchant m, generate_series(1, %(shops)s) AS n
WHERE m.id = %(merchant)s
"""
PEOPLE = """
INSERT INTO accounts_user SELECT (jsonb_populate_record(u, jsonb_build_object('id', %(first)s + n,
  'email', 'bulk-' || n || '@bench.example'))).* FROM accounts_user u, generate_series(1, %(people)s) AS n
WHERE u.id = %(user)s
"""
# Each person takes the share of the courses that begins at a place of their own; person 0 is oneself.
ENROLMENTS = """
INSERT INTO training_enrolment (id, merchant_id, user_id, course_id, version_id, enrolled_at, active_at, lessons_done,
  completed_at)
SELECT %(first)s + n * %(share)s + k, CASE n WHEN 0 THEN %(merchant)s ELSE %(first)s + 1 + n %% %(shops)s END,
  CASE n WHEN 0 THEN %(user)s ELSE %(first)s + n END, c, c, %(now)s, %(now)s - k * interval '1 hour', %(lessons)s,
  CASE WHEN k %% 2 = 0 THEN %(now)s END
FROM generate_series(0, %(people)s) AS n, generate_series(0, %(share)s - 1) AS k,
  LATERAL (SELECT %(first)s + 1 + (n * 7919 + k) %% %(courses)s AS c) AS chosen
"""
PROGRESS = """
INSERT INTO training_progress (id, merchant_id, enrolment_id, lesson_id, opened_at, seen, position, seconds,
  completed_at)
SELECT (id - %(first)s) * %(lessons)s + n + %(first)s, merchant_id, id, %(first)s + (course_id - %(first)s)
  * %(lessons)s + n, enrolled_at, '[]', 0, 180, enrolled_at
FROM training_enrolment, generate_series(0, %(lessons)s - 1) AS n WHERE id >= %(first)s
"""
TABLES = ("training_progress", "training_enrolment", "training_lesson", "training_module", "training_courseversion")
ALL = (*TABLES, "training_course", "accounts_user", "accounts_merchant")


def fill(server: psycopg.Connection, *, merchant_id: int, user_id: int, courses: int, progress: int) -> None:
    """Write so many courses and about so many rows of progress, of everybody and of this person of this shop.

    They take the place of those that were written before. `server` is a superuser's: what a published version may
    become is checked for the portal, not for filling.
    """
    people = max(progress // (LESSONS * SHARE_OF_COURSES) - 1, 0)
    given = {
        "first": FIRST,
        "courses": courses,
        "lessons": LESSONS,
        "share": min(SHARE_OF_COURSES, courses),
        "people": people,
        "shops": max(people // 25, 1),
        "merchant": merchant_id,
        "user": user_id,
        "now": datetime.now(UTC),
    }
    with server.transaction():
        server.execute("SET LOCAL session_replication_role = replica")
        for table in ALL:
            server.execute(f"DELETE FROM {table} WHERE id >= %s".encode(), [FIRST])
        for statement in (COURSES, VERSIONS, MODULES, LESSONS_OF, SHOPS, PEOPLE, ENROLMENTS, PROGRESS):
            server.execute(statement.encode(), given)
    server.execute(f"VACUUM ANALYZE {', '.join(ALL)}".encode())
