"""What payloads of leads look like, so that zlib need not learn it anew in each: halves the short ones.

Histories hold what was compressed with it: never change a dictionary, add another under a name of its own.
"""

from __future__ import annotations

from typing import Final

FIRST: Final = (
    b'{"facts":[{"type":"Numbered","id":"","number":1},{"type":"DocumentMade","document":"","number":""},'
    b'{"type":"ConvertDone","id":"","key":"","created":{"company":"company-","contact":"contact-","deal":"deal-"}}],'
    b'"concluded":"2026-","known":[],"last":""}{"type":"FieldsSet","type":"Signal","name":"replied","data":{},'
    b'"type":"ButtonPressed","button":"","type":"TaskPostponed","type":"Ticked","items":[],"type":"Moved","to":"",'
    b'"type":"Assigned","type":"Snoozed","until":"","type":"Reopened","type":"Created","language":"ru","consent":['
    b'"type":"PostWebhook","type":"NotifyPeople","users":[],"type":"AudienceChange","type":"CancelSends","keys":['
    b'"type":"Pin","type":"ConvertLead","create":["company","contact","deal"],"type":"OwnerChanged",'
    b'"deadlines":{"stage/1/task:":{"kind":"task_due","kind":"stay","kind":"sla","kind":"step","due":"2026-12-01T06:00:00Z"'
    b'"pending":[{"ref":"","programs":{"sequence/0":{"at":0,"ticks":["closed":"success","closed":"failure",'
    b'"subject":{"source":"","template":"","names":[["lead","number"],["lead","phone"],["lead","email"],["owner","phone"],'
    b'{"type":"EffectDone","id":"lead-/accepted/","key":"lead-/stage/1/send_email:","result":"accepted",'
    b'"at":"2026-11-22T10:00:00Z","provider_id":"250 2.0.0 ok","reason":""}'
    b'{"facts":[{"type":"OwnerFound","id":"lead-/pipeline/0/owner:routing/1/found","key":"lead-/pipeline/0/owner:routing/1",'
    b'"owner":"","why":"routing: round robin of sales: after "}],"sends":[{"key":"","channel":"email"}]}'
    b'{"type":"Asked","event":{"type":"TaskDone","id":"","actor":{"user":"","teams":["sales"],"supervises":[""],'
    b'"admin":true,"via":"web"},"fields":{"price":"1"},"task":"contact","outcome":"reached"},"stored":3}'
    b'{"version":3,"stage":"","closed":"","settles":true,"batch":{"pipeline":"","state":{"lead":"lead-","pipeline":"",'
    b'"hash":"","version":3,"number":3,"created":"2026-11-22T10:00:00Z","source":"","channel":"form","owner":"",'
    b'"assigned":"2026-11-22T10:00:00Z","fields":{"name":{"first":"","last":""},"phone":[{"number":"+7"}],"email":"@",'
    b'"price":"","company":""},"stage":"","visit":1,"entered":"2026-11-22T10:00:00Z","visits":{"new":1},"tasks":{"contact":'
    b'{"id":"contact","key":"lead-/stage/1/create_task:contact/1","scope":"stage/1","status":"done","outcome":"",'
    b'"opened":"2026-11-22T10:00:00Z","due":"2026-11-22T10:00:00Z","by":"","assignee":""}},"sends":{"lead-/stage/2/send_email:'
    b'/1":{"ref":"/on_enter/0","scope":"stage/2","first":"2026-11-22T10:00:00Z","not_after":"2026-11-23T10:00:00Z",'
    b'"status":"waiting"}},"occurrences":{"pipeline/0/owner:routing":1,"stage/1/create_task:contact":1,'
    b'"stage/2/send_email:":1},"finding":"lead-/pipeline/0/owner:routing/1"},"happened":[{"event":"","kind":"Signal",'
    b'"at":"2026-11-22T10:00:00Z","version":1,"actor":{},"notes":[{"kind":"created","detail":{"source":""}},'
    b'{"kind":"task_done","subject":"","detail":{"outcome":""}},{"kind":"fields_set","detail":{"sent","subject":"",'
    b'{"kind":"exit","subject":"","ref":"/exits/0","pos":".yaml:21:9"},{"kind":"left","subject":""},{"kind":"entered",'
    b'"subject":"","detail":{"visit":1},"pos":".yaml:13:3"},{"kind":"task_opened","subject":"","detail":{"due":""},'
    b'"ref":"/on_enter/0","pos":".yaml:17:11"},{"kind":"planned","subject":"","detail":{"key":"lead-/stage/2/send_email:/1"},'
    b'"ref":"/on_enter/1","pos":".yaml:25:9"}],"effects":[{"type":"FindOwner","key":"lead-/pipeline/0/owner:routing/1",'
    b'"to":{"how":"round_robin","people":{"names":["sales"]}},"why":"routing"},{"type":"TaskChanged","key":"lead-/stage/1/'
    b'create_task:contact/1","status":"done","outcome":"","by":""},{"type":"TaskOpened","key":"lead-/stage/1/create_task:'
    b'contact/1","ref":"/on_enter/0","pos":".yaml:17:11","task":"contact","due":"","assignee":{"people":{"names":["owner"]}},'
    b'"title":{"source":"{{ lead.phone }}","names":[["lead","phone"]]},"frozen":{"values":{"lead.phone":["phone",null]}}},'
    b'{"type":"SendMessage","key":"lead-/stage/2/send_email:/1","ref":"/on_enter/0","pos":".yaml:25:9",'
    b'"not_after":"2026-11-23T10:00:00Z","scope":"stage/2","channel":"email","to":"@","body":{"template":"",'
    b'"names":[["lead","name"],["owner","name"]]},"language":"ru","sender":"","timezone":"Europe/Moscow","frozen":{"values":'
    b'{"lead.name":["person",{"first":"","last":""}],"lead.price":["money",""]}},"to_field":"email"}]}]}}'
)
