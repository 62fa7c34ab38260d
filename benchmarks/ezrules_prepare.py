"""Run by ezrules's own Python: makes its tables, or a key and an event to ask it with.

It imports nothing of the portal, and the portal does not import it.
"""

import hashlib
import json
import sys
import uuid

from ezrules.core.permissions import PermissionManager
from ezrules.demo_data import build_demo_events
from ezrules.models import backend_core
from ezrules.settings import app_settings
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

engine = create_engine(app_settings.DB_ENDPOINT)
session = sessionmaker(bind=engine)()
if sys.argv[1] == "tables":
    backend_core.Base.metadata.create_all(engine)
    PermissionManager.db_session = session
    PermissionManager.init_default_actions()
else:
    shop, key = sys.argv[2:]
    owner = session.query(backend_core.Organisation).filter_by(name=shop).one()
    digest = hashlib.sha256(key.encode()).hexdigest()
    session.add(backend_core.ApiKey(gid=str(uuid.uuid4()), key_hash=digest, label="bench", o_id=owner.o_id))
    session.commit()
    print(json.dumps(build_demo_events(n_events=1, start_index=0)[0].event_data, default=str))
