"""The store of templates; a claim on the name makes it unique among the owner's."""

import re
from datetime import datetime

from shutterpost.authoring.store.items import AuthoringItem, TemplateItem, TemplateNameItem
from shutterpost.authoring.template import PostTemplate
from shutterpost.runtime.commit import Refused, Write, commit, delete, put
from shutterpost.runtime.pages import page_limit
from shutterpost.runtime.refusals import Conflict, NotFound
from shutterpost.runtime.values import Value

_PREFIX = "TEMPLATE#"
_ID = re.compile(r"t[0-9a-f]{19}")


class TemplateNotFound(NotFound):
    kind = "template-not-found"


class TemplateExists(Conflict):
    kind = "template-exists"


class TemplateChanged(Conflict):
    """The template was changed or removed since it was read."""

    kind = "template-changed"


class TemplatePage(Value):
    templates: tuple[PostTemplate, ...]
    cursor: str | None = None


class Templates:
    def create(self, template: PostTemplate) -> PostTemplate:
        """Store a new template. Raises `TemplateExists` if the owner has one with that name."""
        self._write(template, [_put(template, None), _claim(template)])
        return template

    def get(self, owner: str, template_id: str) -> PostTemplate:
        """The owner's template, read consistently. Raises `TemplateNotFound`."""
        try:
            return _template(TemplateItem.get(_pk(owner), f"{_PREFIX}{template_id}", consistent_read=True))
        except TemplateItem.DoesNotExist:
            detail = f"Template {template_id!r} does not exist. List your templates to find its id."
            raise TemplateNotFound(detail, template_id=template_id) from None

    def page(self, owner: str, limit: int = 50, cursor: str | None = None) -> TemplatePage:
        """A page of the owner's templates, oldest first; `cursor` is the last id of the previous page.

        Raises ValueError for an invalid cursor.
        """
        if cursor is not None and not _ID.fullmatch(cursor):
            raise ValueError(cursor)
        limit = page_limit(limit)
        behind = TemplateItem.sk.between(f"{_PREFIX}{cursor or ''}", f"{_PREFIX}u")
        items = TemplateItem.query(_pk(owner), behind, limit=limit + 2)
        templates = [template for item in items if (template := _template(item)).template_id != cursor]
        more = len(templates) > limit
        return TemplatePage(
            templates=tuple(templates[:limit]), cursor=templates[limit - 1].template_id if more else None
        )

    def update(self, before: PostTemplate, after: PostTemplate, now: datetime) -> PostTemplate:
        """Store `after` over `before`; returns it with the next version. Raises `TemplateChanged`, `TemplateExists`."""
        changed = after.model_copy(update={"version": before.version + 1, "updated_at": now})
        writes = [_put(changed, before)]
        if _name_key(before.name) != _name_key(after.name):
            writes += [_claim(changed), _release(before)]
        self._write(changed, writes)
        return changed

    def remove(self, template: PostTemplate) -> None:
        """Remove the template as it was read; its name is free again. Raises `TemplateChanged`."""
        item = AuthoringItem(_pk(template.owner), f"{_PREFIX}{template.template_id}")
        self._write(template, [delete("template", item, TemplateItem.version == template.version), _release(template)])

    def _write(self, template: PostTemplate, writes: list[Write]) -> None:
        answer = commit(writes)
        if not isinstance(answer, Refused):
            return
        if answer.labels != {"name"}:
            detail = f"{template.name!r} has been changed or removed. Read it again, then change it."
            raise TemplateChanged(detail, template_id=template.template_id)
        detail = f"You already have a template named {template.name!r}; use another name or change that template."
        raise TemplateExists(detail, field="name")


def _put(template: PostTemplate, before: PostTemplate | None) -> Write:
    item = TemplateItem(
        _pk(template.owner),
        f"{_PREFIX}{template.template_id}",
        **template.model_dump(exclude={"constraints"}),
        constraints=template.constraints.model_dump(mode="json"),
    )
    condition = TemplateItem.pk.does_not_exist() if before is None else TemplateItem.version == before.version
    return put("template", item, condition)


def _claim(template: PostTemplate) -> Write:
    item = TemplateNameItem(_pk(template.owner), _name_key(template.name), template_id=template.template_id)
    return put("name", item, TemplateNameItem.pk.does_not_exist())


def _release(template: PostTemplate) -> Write:
    item = AuthoringItem(_pk(template.owner), _name_key(template.name))
    return delete("released", item, TemplateNameItem.template_id == template.template_id)


def _template(item: TemplateItem) -> PostTemplate:
    return PostTemplate.model_validate(item.attribute_values)


def _pk(owner: str) -> str:
    return f"OWNER#{owner}"


def _name_key(name: str) -> str:
    return f"NAME#{name.casefold()}"
