# Stands where PagerDuty would: prints what a webhook is told.
import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer


class Pages(BaseHTTPRequestHandler):
    def do_POST(self):
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for alert in told["alerts"]:
            text = alert["annotations"]
            print(time.strftime("%H:%M:%S"), told["notification_reason"], alert["labels"]["severity"], text["summary"], text.get("customers", ""), flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *ignored):
        pass


HTTPServer(("127.0.0.1", 9911), Pages).serve_forever()
