//! Lists by pages, with links to the others.

use serde_json::Value;

use super::super::failure::Result;
use super::{Call, Reply};

/// Items of a page, if nothing is asked for and at most.
const PAGE: usize = 30;
const PAGE_MAX: usize = 100;

impl Call<'_> {
    /// The page that was asked for. Links go by the repository's id, as GitHub's do.
    pub fn page<T>(
        &self,
        repository: Option<u64>,
        items: &[T],
        shown: impl Fn(&T) -> Value,
    ) -> Result<Reply> {
        let (items, link) = self.slice(repository, items);
        Ok(Reply {
            status: 200,
            body: Some(Value::Array(items.iter().map(shown).collect())),
            link,
        })
    }

    /// The items of the page, and the header `Link`.
    pub fn slice<'i, T>(
        &self,
        repository: Option<u64>,
        items: &'i [T],
    ) -> (&'i [T], Option<String>) {
        let asked = |name: &str| self.asked(name).and_then(|text| text.parse().ok());
        let size = asked("per_page")
            .filter(|size| *size > 0)
            .unwrap_or(PAGE)
            .min(PAGE_MAX);
        let page = asked("page").filter(|page| *page > 0).unwrap_or(1);
        let last = items.len().div_ceil(size).max(1);
        let start = (size * (page - 1)).min(items.len());
        let end = (start + size).min(items.len());
        let mut links = Vec::new();
        if page > 1 {
            links.push((page - 1, "prev"));
        }
        if page < last {
            links.push((page + 1, "next"));
            links.push((last, "last"));
        }
        if page > 1 {
            links.push((1, "first"));
        }
        let link = |(page, rel): &(usize, &str)| {
            format!("<{}>; rel=\"{rel}\"", self.page_url(repository, *page))
        };
        let links: Vec<String> = links.iter().map(link).collect();
        (
            &items[start..end],
            (!links.is_empty()).then(|| links.join(", ")),
        )
    }

    fn page_url(&self, repository: Option<u64>, page: usize) -> String {
        let rest = self.path.splitn(5, '/').nth(4).unwrap_or_default();
        let path = match repository {
            Some(id) => format!("/repositories/{id}/{rest}"),
            None => self.path.to_string(),
        };
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.query.iter().filter(|(name, _)| *name != "page") {
            query.append_pair(name, value);
        }
        query.append_pair("page", &page.to_string());
        format!("{}{path}?{}", self.state.api_url(), query.finish())
    }
}
