# PyPI pinatapy-vourhey, whose host is compiled in; run under `./pinyon run`. Every operation it has.
import json
import os
import tempfile

from pinatapy import PinataPy

pinata = PinataPy(os.environ["PINATA_API_KEY"], os.environ["PINATA_API_SECRET"])
results = []


def step(operation, work):
    try:
        value = work()
        results.append({"operation": operation, "outcome": "works"})
        return value
    except Exception as error:  # whatever it is, it is the result
        results.append({"operation": operation, "outcome": "fails", "detail": repr(error)[:300]})
        return {}


def check(answer, condition):
    assert condition(answer), answer
    return answer


folder = tempfile.mkdtemp()
path = os.path.join(folder, "one.txt")
with open(path, "w") as out:
    out.write("python")
os.mkdir(os.path.join(folder, "sub"))
with open(os.path.join(folder, "sub", "two.txt"), "w") as out:
    out.write("deeper")

options = {"pinataMetadata": {"name": "one", "keyvalues": {"tree": "pine"}}, "pinataOptions": {"cidVersion": 1}}
pinned = step(
    "pin_file_to_ipfs",
    lambda: check(pinata.pin_file_to_ipfs(path, "/", False, options), lambda a: a["PinSize"] == 6 and a["IpfsHash"].startswith("baf")),
)
step("pin_file_to_ipfs, a folder", lambda: check(pinata.pin_file_to_ipfs(folder, "/", True), lambda a: a["IpfsHash"].startswith("Qm")))
made = step("pin_json_to_ipfs", lambda: check(pinata.pin_json_to_ipfs({"from": "python"}, options), lambda a: "IpfsHash" in a))
absent = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyka"
step("pin_to_pinata_using_ipfs_hash", lambda: check(pinata.pin_to_pinata_using_ipfs_hash(absent, "waits"), lambda a: a["ipfsHash"] == absent))
step("pin_jobs", lambda: check(pinata.pin_jobs({"ipfs_pin_hash": absent}), lambda a: a["rows"][0]["name"] == "waits"))
step("pin_hash_to_ipfs", lambda: check(pinata.pin_hash_to_ipfs(absent), lambda a: a.get("ipfsHash") == absent))
step("pin_list", lambda: check(pinata.pin_list({"status": "pinned", "metadata[name]": "one"}), lambda a: len(a["rows"]) >= 1))
step("user_pinned_data_total", lambda: check(pinata.user_pinned_data_total(), lambda a: a["pin_count"] >= 3))
key = step("generate_api_key", lambda: check(pinata.generate_api_key("by python", False, {"permissions": {"endpoints": {"data": {"pinList": True}}}}), lambda a: a["JWT"].startswith("eyJ")))
step("generate_api_key, admin", lambda: check(pinata.generate_api_key("admin by python", True), lambda a: a["JWT"].startswith("eyJ")))
step("revoke_api_key", lambda: check(pinata.revoke_api_key(key["pinata_api_key"]), lambda a: a == {"message": "Revoked"}))
step("remove_pin_from_ipfs", lambda: check(pinata.remove_pin_from_ipfs(pinned["IpfsHash"]), lambda a: a == {"message": "Removed"}))
print(json.dumps(results))
