from django.db import migrations

FREEZE = """
CREATE FUNCTION scalper_refuse_other_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a version that left the draft keeps its terms' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER scalper_version_keeps_its_terms BEFORE UPDATE ON scalper_policies_policyversion
FOR EACH ROW WHEN (OLD.status <> 'DRAFT' AND NEW.terms IS DISTINCT FROM OLD.terms)
EXECUTE FUNCTION scalper_refuse_other_terms();
"""
THAW = """
DROP TRIGGER scalper_version_keeps_its_terms ON scalper_policies_policyversion;
DROP FUNCTION scalper_refuse_other_terms();
"""


class Migration(migrations.Migration):
    dependencies = [("scalper_policies", "0001_initial")]

    operations = [migrations.RunSQL(FREEZE, THAW)]
