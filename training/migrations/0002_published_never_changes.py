from django.db import migrations

PARTS = ("training_module", "training_lesson", "training_coursefile", "training_quiz", "training_question")

FUNCTIONS = """
CREATE FUNCTION training_refuse_published_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE touched bigint[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.version_id] WHEN 'DELETE' THEN ARRAY[OLD.version_id]
  ELSE ARRAY[OLD.version_id, NEW.version_id] END;
BEGIN
  IF EXISTS (SELECT FROM training_courseversion WHERE id = ANY(touched) AND status <> 'DRAFT') THEN
    RAISE EXCEPTION 'a version that left the draft is never changed (%)', TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE FUNCTION training_refuse_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moves text[] := ARRAY['status', 'superseded_at', 'tell_due_at'];
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.status <> 'DRAFT' THEN
      RAISE EXCEPTION 'a version that left the draft is never deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
  END IF;
  IF OLD.status IN ('PUBLISHED', 'SUPERSEDED') AND (to_jsonb(NEW) - moves) <> (to_jsonb(OLD) - moves)
    OR OLD.status = 'PUBLISHED' AND NEW.status NOT IN ('PUBLISHED', 'SUPERSEDED')
    OR OLD.status = 'SUPERSEDED' AND NEW.status <> 'SUPERSEDED' THEN
    RAISE EXCEPTION 'a published version is never changed' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER training_courseversion_published BEFORE UPDATE OR DELETE ON training_courseversion
  FOR EACH ROW EXECUTE FUNCTION training_refuse_published();
"""

TRIGGERS = "".join(
    f"CREATE TRIGGER {part}_published BEFORE INSERT OR UPDATE OR DELETE ON {part} "
    "FOR EACH ROW EXECUTE FUNCTION training_refuse_published_part();\n"
    for part in PARTS
)

BACK = "".join(f"DROP TRIGGER {part}_published ON {part};\n" for part in PARTS) + """
DROP TRIGGER training_courseversion_published ON training_courseversion;
DROP FUNCTION training_refuse_published();
DROP FUNCTION training_refuse_published_part();
"""


class Migration(migrations.Migration):
    """The database itself refuses to change what was published."""

    dependencies = [("training", "0001_courses_and_learning")]
    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, BACK)]
