/* Platform storage (LTI postMessage storage 0.1): keeps small texts for the tool whose cookies are blocked.
   data-tools: origins that are served; data-frame: the frame that stores, if it is not this page; data-fault: a fault. */
"use strict";

(() => {
  const script = document.currentScript;
  const tools = script.dataset.tools.split(" ");
  const frame = script.dataset.frame;
  const fault = script.dataset.fault;
  const mostKeys = 100;
  const longest = 4096;
  const kept = new Map();

  const isText = (value) => typeof value === "string" && value !== "" && value.length <= longest;
  const error = (code, message) => ({ error: { code, message } });

  const storeOf = (origin) => {
    if (!kept.has(origin)) kept.set(origin, new Map());
    return kept.get(origin);
  };

  const capabilities = () => {
    const inFrame = frame ? { frame } : {};
    return {
      supported_messages: [
        { subject: "lti.capabilities" },
        { subject: "lti.put_data", ...inFrame },
        { subject: "lti.get_data", ...inFrame },
      ],
    };
  };

  const put = (origin, { key, value }) => {
    const store = storeOf(origin);
    if (!isText(key)) return error("bad_request", "key must be a text");
    if (value === null || value === undefined) {
      store.delete(key);
      return { key, value: null };
    }
    if (!isText(value)) return error("bad_request", "value must be a text");
    if (!store.has(key) && store.size >= mostKeys) return error("storage_exhaustion", "Too many keys");
    store.set(key, value);
    return { key, value };
  };

  const get = (origin, { key }) => {
    if (!isText(key)) return error("bad_request", "key must be a text");
    if (fault === "lies") return { key, value: "another-value" };
    const store = storeOf(origin);
    return { key, value: fault !== "forgets" && store.has(key) ? store.get(key) : null };
  };

  const answer = (subject, origin, data) => {
    if (subject === "lti.capabilities") return capabilities();
    if (subject !== "lti.put_data" && subject !== "lti.get_data") {
      return error("unsupported_subject", "This subject is not supported");
    }
    if (!tools.includes(origin)) return error("wrong_origin", "No tool of this platform");
    if (frame) return error("bad_request", `Send this to the frame ${frame}`);
    if (fault === "error") return error("storage_exhaustion", "There is no room");
    return subject === "lti.put_data" ? put(origin, data) : get(origin, data);
  };

  window.addEventListener("message", (event) => {
    const data = event.data;
    if (!data || typeof data !== "object" || typeof data.subject !== "string" || fault === "silent") return;
    if (!data.subject.startsWith("lti.") || data.subject.endsWith(".response") || !event.source) return;
    const body = isText(data.message_id)
      ? answer(data.subject, event.origin, data)
      : error("bad_request", "message_id is missing");
    event.source.postMessage(
      { subject: `${data.subject}.response`, message_id: data.message_id, ...body },
      event.origin,
    );
  });
})();
